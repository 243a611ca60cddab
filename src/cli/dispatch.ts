import { Command, CommanderError } from "commander";
import { refuse } from "../diagnostic/failure.js";
import type { Cli, CommandBody } from "./command.js";
import { version } from "./version.js";

type Load = () => Promise<{ run: CommandBody }>;

/** Builds the command table, parses the words and runs the one command they name. Bodies are loaded only when run. */
export async function dispatch(cli: Cli, argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command("boardsmith")
    .description(
      "Builds operating-system images for embedded ARM boards from recipes: sources are fetched and pinned,\n" +
        "kernel and boot loader cross-compiled in unprivileged containers, the image written without root,\n" +
        "loop devices or mounts, and booted in an emulator before it is called good.",
    )
    .version(version(cli.home), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => cli.stdout.write(text),
      writeErr: (text) => cli.stderr.write(text),
      // Told once, by the refusal below.
      outputError: () => {},
      getOutHelpWidth: () => cli.stdout.columns ?? 100,
      getErrHelpWidth: () => cli.stderr.columns ?? 100,
    });

  const body = (command: Command, load: Load): Command =>
    command.action(async (...words: unknown[]) => {
      const args = (words.slice(0, -2) as (string | string[] | undefined)[]).flat().filter((w) => w !== undefined);
      const { run } = await load();
      code = await run(cli, args, command.optsWithGlobals());
    });
  const collect = (value: string, before: string[]) => [...before, value];
  const places = (command: Command): Command =>
    command
      .option(
        "--store <folder>",
        "where objects and results are kept (default: BOARDSMITH_STORE or the XDG cache folder)",
      )
      .option("--out <folder>", "where images go (default: out)");
  const network = (command: Command): Command =>
    command
      .option("--mirror <from=to>", "fetch URLs that begin with FROM from TO instead; repeatable", collect, [])
      .option("--offline", "touch no network; say what is missing");
  const yes = (command: Command): Command =>
    command.option("-y, --yes", "answer yes: install and start a container engine when there is none");

  body(
    yes(network(places(program.command("wizard [recipe]"))))
      .option("--answers <file>", "take the answers from a file, and ask nobody")
      .option("--print", "print the recipe, and write nothing")
      .option("--replace", "with --answers: write over a recipe of that name")
      .option("--plain", "numbered questions, line by line, for screen readers")
      .summary("make a recipe by answering questions")
      .description(
        "Asks what the board is to be, offers only what goes together, and writes a recipe that extends the nearest shipped one;\n" +
          "then it builds and flashes, if you like. Given a recipe that it made, it asks again and shows what would change.\n" +
          "The same as boardsmith without a word, on a terminal.",
      ),
    () => import("./commands/wizard.js"),
  );
  body(
    yes(network(places(program.command("build <recipe>"))))
      .option("--no-boot", "do not boot the image; it stays marked as unproven")
      .option("--plain", "plain log lines, also on a terminal")
      .option("--json", "one JSON event per line")
      .option("--check", "build twice from the same pins and compare the bytes")
      .summary("build a recipe's image and boot it")
      .description(
        "Builds the image a recipe describes, boots it in the board's emulator, and prints where everything is.",
      ),
    () => import("./commands/build.js"),
  );
  body(
    yes(places(program.command("boot <image-or-recipe>")))
      .option("--interactive", "hand the serial console to this terminal")
      .option("--write", "with --interactive and an image file: keep in it what the board writes, as a card does")
      .option("--board <name>", "the board, when an image file is given")
      .summary("boot an image in the board's emulator")
      .description(
        "Boots an image file or a recipe's newest image as the board would, from its SPL. Without --write the image is never written to.",
      ),
    () => import("./commands/boot.js"),
  );
  body(
    places(program.command("diff <a> <b>"))
      .option("--json", "as data, whole")
      .summary("say in what two images differ")
      .description(
        "Compares two images (files, or recipes' newest ones) by partition, file, package, kernel option and device tree.\n" +
          "Reads the images themselves, whoever made them; times are left out. Ends with 0 when they are the same, 1 when not.",
      ),
    () => import("./commands/diff.js"),
  );
  body(
    places(program.command("flash <image-or-recipe> [drives...]"))
      .option("-y, --yes", "ask nobody: every drive has to be named by /dev/disk/by-id/… or its serial number")
      .option("--update", "write only what differs from what is on the card")
      .option("--bmap <file>", "the map of the image (default: the one beside it)")
      .option("--no-bmap", "take no map: write all of the image")
      .option("--probe", "fill the drive first, to find out how large it really is")
      .option("--station", "write every card that is put into the named ports, until stopped")
      .option("--eject", "eject the drives when they are good")
      .option("--provision <file>", "make each card its own: a CSV or YAML file with a row for each")
      .option("--rows <hostnames>", "of that file only these rows, with commas between them")
      .option("--set <name=value>", "make the one card its own, by a column's name: hostname=kiosk-01", collect, [])
      .option("--ssh-key <file>", "a public key for the card's user (root, or --set user=…)", collect, [])
      .option("--wifi <ssid>", "a wireless network; its passphrase is asked for")
      .option("--password", "ask for a password for the card's user; only its hash is written")
      .option("--record <file>", "add a line of JSON for each card to a file")
      .option("--json", "one JSON object per line: progress and each card's record")
      .option("--plain", "plain lines, also on a terminal")
      .option("--unmount", "unmount what is mounted from the drive")
      .option("--allow-large", "write to a drive larger than 256 GiB")
      .option("--allow-built-in", "write to a drive that is not removable")
      .option("--allow-loop", "write to a loop device")
      .option("--allow-file", "write to a plain file of the size of a card")
      .summary("write an image to cards and read it back")
      .description(
        "Writes an image (file, http(s) URL, - for standard input; xz, gz, zst, bz2 and zip are unpacked) or a recipe's newest\n" +
          "one to any number of drives at once. A card is good when every byte of it was read back. An interrupted run goes on\n" +
          "where it was. Nothing is chosen for you: name the drives.",
      ),
    () => import("./commands/flash.js"),
  );
  body(
    program
      .command("drives")
      .option("--json", "as data")
      .summary("list what an image can be written to")
      .description("Lists the drives that an image can be written to, and for every other disk why it is refused."),
    () => import("./commands/drives.js"),
  );
  body(
    yes(network(places(program.command("lock <recipe>"))))
      .option("--update [names...]", "move pins forward: all, or the named sources")
      .summary("pin a recipe's sources and packages")
      .description("Pins every moving name of a recipe (branches, versions, package sets) in recipes/NAME.lock.yaml."),
    () => import("./commands/lock.js"),
  );
  body(
    places(program.command("plan <recipe>"))
      .option("--json", "the plan as data")
      .option("--dot", "the plan as a Graphviz graph")
      .summary("print what a build would do")
      .description(
        "Prints every step of a build with its key and needs, and which are stored already. Needs no engine.",
      ),
    () => import("./commands/plan.js"),
  );
  body(
    places(program.command("explain <recipe> [step]"))
      .summary("say what changed since the last build")
      .description("Says for every step (or one) which fact changed since the last build, in the recipe's own words."),
    () => import("./commands/explain.js"),
  );
  body(
    yes(places(program.command("shell <recipe> <step>")))
      .summary("open a step's container")
      .description("Opens the container of a step with its inputs in place; /step.sh is the step itself."),
    () => import("./commands/shell.js"),
  );
  body(
    places(program.command("logs [recipe] [step]"))
      .option("--json", "the recorded events as they are")
      .option("--list", "list the recorded runs")
      .summary("print the log of the last run")
      .description("Prints the log of a recipe's last run, or a step's whole log."),
    () => import("./commands/logs.js"),
  );
  const store = program
    .command("store")
    .summary("what is stored, what can go, whether it is sound")
    .description("Looks after the store: what it holds, what can go, whether it is sound.");
  for (const [name, summary] of [
    ["du", "say what takes the space"],
    ["gc", "remove what no recent build needs"],
    ["verify", "read everything again and drop what is corrupt"],
  ] as const) {
    const command = places(store.command(name))
      .summary(summary)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`);
    if (name !== "verify") command.option("--json", "as data");
    if (name === "gc") {
      command
        .option("--keep-runs <n>", "keep what the last N runs of each recipe used", "3")
        .option("--keep-days <n>", "keep what was made in the last N days", "0")
        .option("--dry-run", "only say what would go");
    }
    command.action(async () => {
      const { run } = await import("./commands/store.js");
      code = await run(cli, [name], command.optsWithGlobals());
    });
  }
  const kernel = program
    .command("kernel")
    .summary("work on a kernel configuration")
    .description("Works on a recipe's kernel configuration.");
  const menuconfig = yes(network(places(kernel.command("menuconfig <recipe>"))))
    .option("--fragment <file>", "where the fragment is written (default: recipes/kernel/NAME.menuconfig.config)")
    .summary("open the kernel's menuconfig")
    .description(
      "Opens the kernel's own menuconfig on this terminal and writes what was changed back as a minimal fragment.",
    );
  menuconfig.action(async (recipe: string) => {
    const { run } = await import("./commands/kernel.js");
    code = await run(cli, ["menuconfig", recipe], menuconfig.optsWithGlobals());
  });
  const obs = program
    .command("obs")
    .summary("build a recipe in the Open Build Service")
    .description("Brings a recipe with an rpm root filesystem into the Open Build Service, lvm2 in its build root.");
  const project = (command: Command): Command =>
    command.option("--project <name>", "the project (default: home:USER:boardsmith)");
  const obsBody = (command: Command, what: string): Command =>
    command.action(async (...words: unknown[]) => {
      const { run } = await import("./commands/obs.js");
      code = await run(cli, [what, ...(words.slice(0, -2) as string[])], command.optsWithGlobals());
    });
  obsBody(
    project(obs.command("export <recipe> <folder>"))
      .summary("write what a project needs")
      .description(
        "Writes the KIWI description, _multibuild, _service, config.sh, the project's meta data and its configuration with lvm2\n" +
          "injected. A configuration that is in the folder already is kept; injecting again changes nothing.",
      ),
    "export",
  );
  obsBody(
    yes(places(obs.command("check <prjconf>")))
      .option("--repository <name>", "the repository that builds images (default: images)")
      .option("--arch <arch>", "the scheduler's architecture (default: armv7l)")
      .summary("prove that lvm2 is in the build root")
      .description("Reads a project configuration with OBS' own reader and proves that lvm2 is in the build root."),
    "check",
  );
  obsBody(
    project(obs.command("push <recipe>"))
      .option("--dry-run", "print the calls of osc")
      .summary("print the calls of osc that upload it")
      .description("Prints the calls of osc that bring an exported folder into the build service."),
    "push",
  );
  const imports = program
    .command("import")
    .summary("make a recipe of something else")
    .description("Makes a recipe of what another tool describes.");
  const kiwi = imports
    .command("kiwi <folder>")
    .option("--profile <name>", "a profile of the description; repeatable", collect, [])
    .option("--board <name>", "the board, where no profile or name speaks of one")
    .option("-o, --output <file>", "where the recipe goes (default: recipes/NAME.yaml)")
    .summary("make a recipe of a KIWI description")
    .description(
      "Writes a recipe of the same packages, users and layout, and lists what a recipe cannot say, each with its place.\n" +
        "A description that is to stay KIWI's is named in a recipe instead: rootfs: { kiwi: FOLDER }.",
    );
  kiwi.action(async (folder: string) => {
    const { run } = await import("./commands/import.js");
    code = await run(cli, ["kiwi", folder], kiwi.optsWithGlobals());
  });
  body(
    program
      .command("check [files...]")
      .summary("check recipes and boards")
      .description("Checks recipe and board files (all, without names) and prints every mistake with its place."),
    () => import("./commands/check.js"),
  );
  body(
    places(program.command("check-sources [recipes...]"))
      .option("--json", "one JSON object per source and line")
      .option("--mirror <from=to>", "ask TO where a URL begins with FROM; repeatable", collect, [])
      .option("--timeout <seconds>", "how long one place may take to answer", "15")
      .summary("ask whether everything a recipe is fetched from is still there")
      .description(
        "Asks every place that recipes (all, without names) are fetched from, by way of the mirror map, whether it has what\n" +
          "is wanted: files, git repositories, rpm-md repositories, the distribution's archive. Fetches nothing. Ends with 0\n" +
          "when everything can be had, from there or from the store, 1 when not.",
      ),
    () => import("./commands/check-sources.js"),
  );
  body(
    program
      .command("recipes [name]")
      .option("--json", "as data")
      .summary("list recipes, or show one")
      .description("Lists the recipes, or shows one with everything it extends."),
    () => import("./commands/recipes.js"),
  );
  body(
    program
      .command("boards [name]")
      .option("--json", "as data")
      .summary("list boards, or show one")
      .description("Lists the boards, or shows one board's hardware facts and where they were read."),
    () => import("./commands/boards.js"),
  );
  body(
    program
      .command("schema [kind]")
      .summary("print the JSON Schema for editors")
      .description("Prints the JSON Schema of recipes or boards, for editors."),
    () => import("./commands/schema.js"),
  );
  body(
    yes(program.command("engine"))
      .summary("say which container engine is used")
      .description("Says which container engine is used and which tool images it has."),
    () => import("./commands/engine.js"),
  );

  if (argv.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    await program.parseAsync(argv as string[], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    if (error.code === "commander.help") return 2;
    throw refuse("usage", error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " "), 'see "boardsmith --help"');
  }
  return code;
}
