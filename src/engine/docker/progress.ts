/** A record of the progress an image operation reports. */
export interface Progress {
  readonly status?: string;
  readonly id?: string;
  readonly error?: string;
}

/** Reads progress to its end; an error in any record (the engine answers 200 before it knows) is thrown. `patience`: ms between records. */
export async function progress(
  stream: NodeJS.ReadableStream,
  onRecord: (record: Progress) => void = () => {},
): Promise<readonly Progress[]> {
  const records: Progress[] = [];
  let rest = "";
  const take = (line: string) => {
    if (line.trim() === "") return;
    const record = JSON.parse(line) as Progress;
    if (record.error) throw new Error(record.error);
    records.push(record);
    onRecord(record);
  };
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
  take(rest);
  return records;
}
