/*
 * The semihosting variant of the shim: kernel, initramfs, device tree and the kernel's command line come from the model's
 * own command line, so that none of them needs a new image:
 *
 *   --kernel FILE --dtb FILE --initrd FILE -- ARGUMENTS OF THE KERNEL
 *
 * What is not named stays as the image has it. The device tree is changed in place: the kernel's and initramfs's modules
 * get the sizes of the files, xen,dom0-bootargs the text, for which the image leaves room; an initramfs that nobody named
 * is taken out. Sources: ARM's Semihosting for AArch32 and AArch64, 2.0; Devicetree Specification 0.4, chapter 5;
 * Xen, docs/misc/arm/device-tree/booting.txt.
 */
typedef unsigned int word;

enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_READ = 0x06, SYS_FLEN = 0x0c, SYS_GET_CMDLINE = 0x15 };
enum { BEGIN_NODE = 1, END_NODE = 2, PROP = 3, NOP = 4, END = 9 };
enum { OPEN_RB = 1, DEPTH_OF_MODULES = 3 };

struct parameters {
	word xen, device_tree;
};
extern struct parameters parameters;

static word call(word number, const void *arguments)
{
	register word r0 __asm__("r0") = number;
	register const void *r1 __asm__("r1") = arguments;
	__asm__ volatile("svc 0x123456" : "+r"(r0) : "r"(r1) : "memory", "lr", "cc");
	return r0;
}

static void say(const char *text)
{
	register const char *r1 __asm__("r1") = text;
	__asm__ volatile("bl print" : "+r"(r1) : : "r0", "r2", "r3", "lr", "cc", "memory");
}

static void stop(const char *what, const char *about)
{
	say("boardsmith shim: ");
	say(what);
	say(about);
	say("\r\n");
	for (;;)
		__asm__ volatile("wfi");
}

static word length(const char *text)
{
	const char *end = text;
	while (*end)
		end++;
	return end - text;
}

static int same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/* Numbers of a device tree are big endian, and everything in it that is read as one stands at a multiple of 4. */
static word big(word value)
{
	return __builtin_bswap32(value);
}

static word load_file(const char *name, word address)
{
	word open[3] = { (word)name, OPEN_RB, length(name) };
	word handle = call(SYS_OPEN, open);
	if (handle == ~0u)
		stop("cannot open ", name);
	word size = call(SYS_FLEN, &handle);
	word read[3] = { handle, address, size };
	if (size == ~0u || call(SYS_READ, read) != 0)
		stop("cannot read ", name);
	call(SYS_CLOSE, &handle);
	return size;
}

/* The modules below /chosen, by what their compatible begins with, and the text for the kernel. */
struct places {
	word *kernel, *ramdisk, *ramdisk_begin, *ramdisk_end, *arguments;
};

static void find(word *tree, struct places *places)
{
	word *at = tree + big(tree[2]) / 4;
	const char *strings = (const char *)tree + big(tree[3]);
	word *begin = 0, *reg = 0;
	const char *compatible = "";
	int depth = 0, chosen = 0;
	for (;;) {
		word *token = at++;
		if (*token == big(BEGIN_NODE)) {
			const char *name = (const char *)at;
			at += length(name) / 4 + 1;
			if (++depth == 2)
				chosen = same(name, "chosen");
			if (depth == DEPTH_OF_MODULES)
				begin = token, reg = 0, compatible = "";
		} else if (*token == big(END_NODE)) {
			if (depth-- == DEPTH_OF_MODULES && chosen && reg) {
				if (same(compatible, "multiboot,kernel"))
					places->kernel = reg;
				if (same(compatible, "multiboot,ramdisk"))
					places->ramdisk = reg, places->ramdisk_begin = begin, places->ramdisk_end = at;
			}
		} else if (*token == big(PROP)) {
			const char *name = strings + big(at[1]);
			if (depth == 2 && chosen && same(name, "xen,dom0-bootargs"))
				places->arguments = at;
			if (depth == DEPTH_OF_MODULES && same(name, "reg"))
				reg = at + 2;
			if (depth == DEPTH_OF_MODULES && same(name, "compatible"))
				compatible = (const char *)(at + 2);
			at += 2 + (big(at[0]) + 3) / 4;
		} else if (*token != big(NOP)) {
			return;
		}
	}
}

static void set_arguments(word *property, const char *text)
{
	if (!property)
		stop("the device tree has no place for arguments: ", text);
	word room = big(property[0]);
	if (length(text) >= room)
		stop("more arguments than the device tree has room for: ", text);
	char *to = (char *)(property + 2);
	for (word i = 0; i < room; i++)
		to[i] = *text ? *text++ : 0;
}

/* A module's reg holds two cells for the address and two for the size. */
static void load_module(const char *file, word *reg, const char *what)
{
	if (!reg)
		stop("the device tree has no module for the ", what);
	reg[3] = big(load_file(file, big(reg[1])));
}

static char command_line[4096];

static char *next_word(char **rest)
{
	char *begin = *rest;
	while (*begin == ' ')
		begin++;
	char *end = begin;
	while (*end && *end != ' ')
		end++;
	*rest = *end ? end + 1 : end;
	*end = 0;
	return begin;
}

void load(void)
{
	word buffer[2] = { (word)command_line, sizeof command_line - 1 };
	if (call(SYS_GET_CMDLINE, buffer) != 0)
		stop("nobody answers to semihosting", "");
	const char *kernel = 0, *initrd = 0, *dtb = 0;
	char *rest = command_line, *arguments = 0;
	while (*rest && !arguments) {
		char *option = next_word(&rest);
		if (same(option, "--"))
			arguments = rest;
		else if (same(option, "--kernel"))
			kernel = next_word(&rest);
		else if (same(option, "--initrd"))
			initrd = next_word(&rest);
		else if (same(option, "--dtb"))
			dtb = next_word(&rest);
		else if (option[0] == '-')
			stop("no such option: ", option);
	}
	if (dtb)
		load_file(dtb, parameters.device_tree);
	word *tree = (word *)parameters.device_tree;
	if (tree[0] != big(0xd00dfeed))
		stop("no device tree: ", dtb ? dtb : "the image's own");
	struct places places = { 0 };
	find(tree, &places);
	if (kernel)
		load_module(kernel, places.kernel, "kernel");
	if (initrd)
		load_module(initrd, places.ramdisk, "initramfs");
	if (!places.kernel || places.kernel[3] == 0)
		stop("the image has no kernel; name one: ", "--kernel FILE");
	/* An empty module would be taken for an initramfs. */
	if (places.ramdisk && places.ramdisk[3] == 0)
		for (word *at = places.ramdisk_begin; at < places.ramdisk_end; at++)
			*at = big(NOP);
	if (arguments && *arguments)
		set_arguments(places.arguments, arguments);
}
