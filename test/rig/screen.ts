/**
 * What a terminal of that size shows after all that was written to it: as much of ECMA-48 as listr2 and ncurses use
 * with TERM=xterm (cursor moves, erasing, scrolling region, alternate screen). Colours and modes are passed over.
 */
export class Screen {
  readonly rows: number;
  readonly columns: number;
  #cells: string[][];
  #row = 0;
  #column = 0;
  #top = 0;
  #bottom: number;
  #saved: readonly [number, number] = [0, 0];
  /** The start of an escape sequence whose end has not come yet. */
  #held = "";

  constructor(rows: number, columns: number) {
    this.rows = rows;
    this.columns = columns;
    this.#bottom = rows - 1;
    this.#cells = Array.from({ length: rows }, () => this.#blank());
  }

  /** The lines from the top, without blanks at their ends. */
  get lines(): readonly string[] {
    return this.#cells.map((cells) => cells.join("").trimEnd());
  }

  get text(): string {
    return this.lines.join("\n").trimEnd();
  }

  write(text: string): void {
    const all = this.#held + text;
    this.#held = "";
    // CSI; a string (OSC, DCS, …) up to its end; another escape sequence; a character.
    const pattern =
      /\u001b\[([0-?]*)[ -/]*([@-~])|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*([0-OQ-WYZ\\`-~])|[^\u001b]/gu;
    let end = 0;
    for (const match of all.matchAll(pattern)) {
      if (match.index !== end) break;
      end += match[0].length;
      if (match[2] !== undefined) this.#control(match[1] ?? "", match[2]);
      else if (match[3] !== undefined) this.#escape(match[3]);
      else if (!match[0].startsWith("\u001b")) this.#put(match[0]);
    }
    this.#held = all.slice(end);
  }

  #blank = (): string[] => Array.from({ length: this.columns }, () => " ");

  #put(character: string): void {
    if (character === "\r") this.#column = 0;
    else if (character === "\n") this.#down();
    else if (character === "\b") this.#column = Math.max(0, this.#column - 1);
    else if (character === "\t") this.#column = Math.min(this.columns - 1, (Math.floor(this.#column / 8) + 1) * 8);
    else if (character >= " ") {
      if (this.#column === this.columns) {
        this.#column = 0;
        this.#down();
      }
      const line = this.#cells[this.#row];
      if (line) line[this.#column++] = character;
    }
  }

  #down(): void {
    if (this.#row !== this.#bottom) this.#row = Math.min(this.#row + 1, this.rows - 1);
    else this.#scroll(1);
  }

  /** Moves the region's lines up, or down when `by` is negative. */
  #scroll(by: number): void {
    for (let n = 0; n < Math.abs(by); n++) {
      this.#cells.splice(by > 0 ? this.#top : this.#bottom, 1);
      this.#cells.splice(by > 0 ? this.#bottom : this.#top, 0, this.#blank());
    }
  }

  #escape(kind: string): void {
    if (kind === "7") this.#saved = [this.#row, this.#column];
    else if (kind === "8") [this.#row, this.#column] = this.#saved;
    else if (kind === "D") this.#down();
    else if (kind === "M") {
      if (this.#row === this.#top) this.#scroll(-1);
      else this.#row = Math.max(0, this.#row - 1);
    }
  }

  #control(parameters: string, kind: string): void {
    const given = parameters.split(";").map((one) => Number.parseInt(one, 10));
    const [first = Number.NaN, second = Number.NaN] = given;
    const by = Number.isNaN(first) ? 1 : first;
    const row = (at: number) => Math.max(0, Math.min(this.rows - 1, at));
    const column = (at: number) => Math.max(0, Math.min(this.columns - 1, at));
    switch (kind) {
      case "A":
        this.#row = row(this.#row - by);
        break;
      case "B":
        this.#row = row(this.#row + by);
        break;
      case "C":
        this.#column = column(this.#column + by);
        break;
      case "D":
        this.#column = column(this.#column - by);
        break;
      case "E":
        this.#row = row(this.#row + by);
        this.#column = 0;
        break;
      case "G":
        this.#column = column(by - 1);
        break;
      case "d":
        this.#row = row(by - 1);
        break;
      case "H":
      case "f":
        this.#row = row(by - 1);
        this.#column = column((Number.isNaN(second) ? 1 : second) - 1);
        break;
      case "J":
        this.#eraseLines(first || 0);
        break;
      case "K":
        this.#erase(this.#row, first || 0);
        break;
      case "X":
        this.#fill(this.#row, this.#column, this.#column + by);
        break;
      case "P":
        this.#cells[this.#row]?.splice(this.#column, by, ...[]);
        this.#pad();
        break;
      case "@":
        this.#cells[this.#row]?.splice(this.#column, 0, ..." ".repeat(by));
        this.#pad();
        break;
      case "L":
      case "M":
        this.#lines(kind === "L" ? -by : by);
        break;
      case "S":
        this.#scroll(by);
        break;
      case "T":
        this.#scroll(-by);
        break;
      case "r":
        this.#top = row(by - 1);
        this.#bottom = row((Number.isNaN(second) ? this.rows : second) - 1);
        this.#row = 0;
        this.#column = 0;
        break;
      case "h":
      case "l":
        if (parameters === "?1049") this.#eraseLines(2);
    }
  }

  /** Inserts or removes lines from the cursor's to the region's end. */
  #lines(by: number): void {
    const top = this.#top;
    this.#top = this.#row;
    this.#scroll(by);
    this.#top = top;
  }

  #pad(): void {
    const line = this.#cells[this.#row] ?? [];
    while (line.length < this.columns) line.push(" ");
    line.length = this.columns;
  }

  #eraseLines(how: number): void {
    if (how !== 2 && how !== 3) this.#erase(this.#row, how);
    const from = how === 0 ? this.#row + 1 : 0;
    const to = how === 1 ? this.#row : this.rows;
    for (let at = from; at < to; at++) this.#fill(at, 0, this.columns);
  }

  #erase(row: number, how: number): void {
    this.#fill(row, how === 0 ? this.#column : 0, how === 1 ? this.#column + 1 : this.columns);
  }

  #fill(row: number, from: number, to: number): void {
    this.#cells[row]?.fill(" ", from, Math.min(to, this.columns));
  }
}
