#!/usr/bin/env bash
# No indirect call is left in the hot loops: each runner's timed passes and the splitter are
# disassembled. A control with such a call shows that the check can fail.
. tests/e2e/lib.sh

# Timed passes and splitter functions of a binary, and the indirect calls in them.
hot='(_timed|^split_(scan|owned|pooled|view|result)[a-z0-9_]*)(\.|$)'
indirect_calls() {
    objdump -d --no-show-raw-insn "$1" | awk -v hot="$hot" '
        /^[0-9a-f]+ <.*>:$/ { name = $2; gsub(/[<>:]/, "", name); inside = name ~ hot; seen += inside; next }
        inside && /[ \t](call|callq|jmp)[ \t]+\*/ { print name ": " $0; found++ }
        END { if (!seen) print "no hot function at all"; exit (found || !seen) }'
}
for runner in "$runners"/*; do
    check "$(basename "$runner"): direct calls only" indirect_calls "$runner"
    check "$(basename "$runner"): every workload has its timed passes there" \
        sh -c "for w in workloads/*.c; do nm '$runner' | grep -q \"\$(basename \$w .c)_owned_timed\" || exit 1; done"
done
# Through the allocator's own malloc only: the calls of an arena's loop are its cold path.
inlined() { ! objdump -d --no-show-raw-insn "$runners/$1" | awk '/^[0-9a-f]+ <small_strings_owned_timed.*>:$/{p=1;next} /^$/{p=0} p' | grep -E 'call.*<(region_allocate|null_allocate|malloc_shaped_)'; }
for backend in arena null system; do
    check "$backend: allocate is inlined into the loop" inlined $backend
done
cat >"$work/control.c" <<'EOF'
extern void *(*volatile allocate)(unsigned long);
void *control_owned_timed(void) { return allocate(8) ? allocate(16) : 0; }
EOF
gcc -O2 -c "$work/control.c" -o "$work/control.o"
flagged() { ! indirect_calls "$work/control.o"; }
check "the control, with an indirect call, is flagged" flagged
finish
