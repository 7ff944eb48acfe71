#include <stdio.h>
#include <stdint.h>
#include <time.h>
static double now(){struct timespec t;clock_gettime(CLOCK_MONOTONIC,&t);return t.tv_sec*1e9+t.tv_nsec;}
int main(){ static uint64_t buf[64]; 
 for(int r=0;r<6;r++){
 double a=now();
 for(long i=0;i<20000000;i++) asm volatile("add $1,%%rax\n add $1,%%rax\n add $1,%%rax\n add $1,%%rax\n":::"rax","cc");
 double b=now(); double chain=(b-a)/20000000/4; /* ns per cycle */
 a=now();
 for(long i=0;i<20000000;i++) asm volatile("add $1,%%rax\n add $1,%%rcx\n add $1,%%rdx\n add $1,%%r8\n add $1,%%r9\n add $1,%%r10\nadd $1,%%r11\n add $1,%%rsi\n":::"rax","rcx","rdx","r8","r9","r10","r11","rsi","cc");
 b=now(); double alu=8/((b-a)/20000000/chain);
 a=now();
 for(long i=0;i<20000000;i++) asm volatile("mov (%0),%%rax\n mov 8(%0),%%rcx\nmov 16(%0),%%rdx\nmov 24(%0),%%r8\nmov 32(%0),%%r9\nmov 40(%0),%%r10\nmov 48(%0),%%r11\nmov 56(%0),%%rsi\n"::"r"(buf):"rax","rcx","rdx","r8","r9","r10","r11","rsi");
 b=now(); double ld=8/((b-a)/20000000/chain);
 a=now();
 for(long i=0;i<20000000;i++) asm volatile("nop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\nnop\n");
 b=now(); double nop=12/((b-a)/20000000/chain);
 a=now();
 for(long i=0;i<20000000;i++) asm volatile("mov (%0),%%rax\n mov %%eax,%%ecx\n shr $32,%%rax\n movzbl 8(%0),%%ecx\n add %%rcx,%%rax\n add %%rax,%%rsi\n add $8,%%rdx\n"::"r"(buf):"rax","rcx","rdx","rsi","cc");
 b=now(); double mix=9/((b-a)/20000000/chain);
 printf("GHz(chain) %.2f  alu/cy %.2f loads/cy %.2f nop/cy %.2f readloop %.2f\n",1/chain,alu,ld,nop,mix);
 }}
