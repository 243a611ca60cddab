@ Brings a Cortex-A15 or A7 that was just switched on to where Xen wants to start: non-secure HYP mode, interrupts in
@ group 1, the generic timer set. Linked to the start of the model's DRAM, everything with MMU and caches off.
@
@   secure SVC ── smc ──▶ monitor ── return ──▶ non-secure SVC ── hvc ──▶ HYP: Xen
@
@ Sources: ARM Architecture Reference Manual, ARMv7-A (DDI 0406C): B1.8 exceptions, B3.17 and B4.1 system registers,
@ B8 generic timer; GIC architecture specification 2.0 (IHI 0048B), 4.3 and 4.4; PL011 manual (DDI 0183), 3.3;
@ Xen, docs/misc/arm/booting.txt.

        .arch   armv7-a
        .arch_extension sec
        .arch_extension virt
        .syntax unified
        .arm

        .set    MODE_MASK, 0x1f
        .set    MODE_HYP, 0x1a
        .set    GICD_CTLR, 0x000
        .set    GICD_TYPER, 0x004
        .set    GICD_IGROUPR, 0x080
        .set    GICC_CTLR, 0x000
        .set    GICC_PMR, 0x004
        .set    UART_DR, 0x000
        .set    UART_FR, 0x018
        .set    UART_IBRD, 0x024
        .set    UART_LCRH, 0x02c
        .set    UART_CR, 0x030
        @ NS: what comes next is non-secure. FW, AW: it masks its own FIQs and aborts. SCD: smc is undefined there, for
        @ nobody is left to answer. HCE: hvc works.
        .set    SCR_NONSECURE, 1 << 0 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8

        .section .start, "ax"
        .global _start
_start:
        b       start

@ Filled in when an image is written, in this order; see shim-parameters.ts.
        .global parameters
parameters:
xen:            .word   0       @ where Xen lies
device_tree:    .word   0       @ where its device tree lies
distributor:    .word   0       @ the GIC's distributor
interface:      .word   0       @ the GIC's CPU interface
flags:          .word   0       @ the register that says where other CPUs go on
uart:           .word   0       @ a PL011
frequency:      .word   0       @ Hz of the generic timer where nobody set it

start:
        cpsid   aif
        mrc     p15, 0, r4, c0, c0, 5   @ MPIDR: below the upper byte, all zeros is the first CPU
        lsls    r4, r4, #8
        bne     1f
        bl      hello
        ldr     sp, =stack
        bl      load                    @ what the model's command line names; nothing in images that hold it all
1:      mrs     r0, cpsr
        and     r0, r0, #MODE_MASK
        cmp     r0, #MODE_HYP
        beq     hyp                     @ somebody was here before

        @ 1. What only the secure side may set.
        mrc     p15, 0, r0, c14, c0, 0  @ CNTFRQ
        cmp     r0, #0
        ldreq   r0, frequency
        mcreq   p15, 0, r0, c14, c0, 0
        mrc     p15, 0, r0, c1, c1, 2   @ NSACR: coprocessors 10 and 11 (VFP, NEON), and ACTLR.SMP
        orr     r0, r0, #0xc00
        orr     r0, r0, #0x40000
        mcr     p15, 0, r0, c1, c1, 2

        @ 2. Every interrupt belongs to the non-secure side. The first register is each CPU's own.
        ldr     r0, distributor
        mvn     r1, #0
        add     r2, r0, #GICD_IGROUPR
        str     r1, [r2], #4
        cmp     r4, #0
        bne     2f
        ldr     r3, [r0, #GICD_TYPER]
        ands    r3, r3, #0x1f           @ how many more registers of 32 interrupts each
1:      strne   r1, [r2], #4
        subsne  r3, r3, #1
        bne     1b
        mov     r1, #3
        str     r1, [r0, #GICD_CTLR]
2:      ldr     r0, interface
        mov     r1, #0xff               @ no priority is masked
        str     r1, [r0, #GICC_PMR]
        mov     r1, #3
        str     r1, [r0, #GICC_CTLR]

        @ 3. Through monitor mode to the non-secure side, and from there to HYP.
        ldr     r0, =vectors
        mcr     p15, 0, r0, c12, c0, 1  @ MVBAR
        isb
        smc     #0
        hvc     #0

monitor:
        ldr     r0, =SCR_NONSECURE
        mcr     p15, 0, r0, c1, c1, 0   @ SCR
        isb
        ldr     r0, =vectors
        mcr     p15, 4, r0, c12, c0, 0  @ HVBAR
        mov     r0, #0
        mcrr    p15, 4, r0, r0, c14     @ CNTVOFF
        isb
        movs    pc, lr                  @ to behind smc, non-secure now

hyp:
        cmp     r4, #0
        bne     park
        mov     r0, #0
        mvn     r1, #0                  @ no machine number: there is a device tree
        ldr     r2, device_tree
        ldr     r3, xen
        bx      r3

        @ Other CPUs sleep until the flags register has an address.
park:   ldr     r1, flags
1:      wfi
        ldr     r0, [r1]
        cmp     r0, #0
        beq     1b
        bx      r0

        @ One table for both modes: smc enters the monitor at 0x08, hvc from below enters HYP at 0x14.
        .balign 32
vectors:
        b       .
        b       .
        b       monitor
        b       .
        b       .
        b       hyp
        b       .
        b       .

        @ Says that the image was started, so that a boot that ends before Xen speaks does not end in silence.
hello:
        ldr     r0, uart
        mov     r1, #13                 @ 115,200 baud from 24 MHz
        str     r1, [r0, #UART_IBRD]
        mov     r1, #0x70               @ 8 bits, FIFOs
        str     r1, [r0, #UART_LCRH]
        ldr     r1, =0x301              @ on, both ways
        str     r1, [r0, #UART_CR]
        adr     r1, greeting
        @ r1: a text that ends with 0; goes on at lr. C's say() calls it too.
        .global print
print:  ldr     r0, uart
1:      ldrb    r2, [r1], #1
        cmp     r2, #0
        bxeq    lr
2:      ldr     r3, [r0, #UART_FR]
        tst     r3, #0x20               @ the FIFO is full
        bne     2b
        str     r2, [r0, #UART_DR]
        b       1b

greeting:
        .asciz  "boardsmith shim: starting Xen\r\n"
        .balign 4

        @ Overridden by the semihosting variant's.
        .weak   load
load:   bx      lr

        .ltorg
        .bss
        .balign 8
        .space  4096
stack:
