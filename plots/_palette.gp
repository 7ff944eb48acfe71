# One colour a backend, the same in every picture: Okabe and Ito's set, told apart by colour-blind
# readers too (each row of a picture is also named). A backend that is not listed takes one of the
# last two by its name, so it keeps it from run to run.
backend(cell) = substr(cell, 1, strstrt(cell, "/") - 1)
letter(name, k) = strstrt("abcdefghijklmnopqrstuvwxyz0123456789", name[k:k])
other(name) = (strlen(name) + letter(name, 1) + letter(name, 2)) % 2
colour(cell) = \
  backend(cell) eq "system"   ? 0x000000 : \
  backend(cell) eq "pool"     ? 0xd55e00 : \
  backend(cell) eq "arena"    ? 0xe69f00 : \
  backend(cell) eq "mimalloc" ? 0x0072b2 : \
  backend(cell) eq "tcmalloc" ? 0x009e73 : \
  backend(cell) eq "jemalloc" ? 0xcc79a7 : \
  backend(cell) eq "null"     ? 0x999999 : \
  other(backend(cell)) == 0   ? 0x56b4e9 : 0xf0e442

# What is no backend: the floor's share, targets, reference lines.
floor_colour = "#cccccc"
target_colour = "#aa0000"
line_colour = "#444444"
# A colour thinned with white, for bars that belong to one cell: 1 leaves it as it is.
thinned(part, share) = int(255 - share * (255 - part) + 0.5)
tint(rgb, share) = thinned(rgb / 65536 % 256, share) * 65536 + thinned(rgb / 256 % 256, share) * 256 + thinned(rgb % 256, share)
