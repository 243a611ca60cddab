# Assembles the boot shim of fast-model images: /out/shim, and /out/semihosting, which reads the model's command line.
#   BASE    address of the model's DRAM, where it lies
# No instruction may need an MMU, caches or a C library: no unaligned access, no call of memcpy, no VFP.

flags="-march=armv7ve -marm -mfloat-abi=soft -mno-unaligned-access -ffreestanding -fno-pic -fno-stack-protector
  -fno-tree-loop-distribute-patterns -Os -Wall -Wextra -Werror"
cd /work

# link OUT OBJECT…
link() {
  out=$1
  shift
  arm-linux-gnueabihf-ld --defsym="BASE=$BASE" -T /in/shim.ld --no-warn-rwx-segments -o "$out.elf" "$@"
  arm-linux-gnueabihf-objcopy -O binary "$out.elf" "/out/$out"
  say "$out: $(stat -c %s "/out/$out") bytes at $BASE"
}

# shellcheck disable=SC2086 # a list of words
{
  arm-linux-gnueabihf-gcc $flags -c -o shim.o /in/shim.S
  arm-linux-gnueabihf-gcc $flags -c -o semihosting.o /in/semihosting.c
}
link shim shim.o
link semihosting shim.o semihosting.o
