import { z } from "zod";
import type { Diagnostic } from "./diagnostic.js";
import { find, keyOf, type Path, type Placed, plain } from "./placed.js";
import { closest, didYouMean } from "./suggest.js";

type Issue = z.core.$ZodIssue;

/** Holds a placed value against a schema: the parsed value, or every mistake with its exact place, in plain words. */
export function validate<S extends z.ZodType>(
  schema: S,
  root: Placed,
): { readonly value?: z.output<S>; readonly diagnostics: readonly Diagnostic[] } {
  const result = schema.safeParse(plain(root));
  if (result.success) return { value: result.data, diagnostics: [] };
  const found = result.error.issues.flatMap((issue) => explain(schema, root, issue, []));
  // A missing key whose misspelling stands right beside it is one mistake, not two.
  const meant = new Set(found.flatMap((d) => (d.meant === undefined ? [] : [d.meant])));
  const gaps = found.flatMap((d) => (d.missing === undefined || meant.has(dotted(d.missing)) ? [] : [d.missing]));
  const others = found.filter((d) => d.missing === undefined).map(({ meant: _, ...diagnostic }) => diagnostic);
  return { diagnostics: [...others, ...missingKeys(schema, root, gaps)] };
}

/** One diagnostic for all keys that one map lacks. */
function missingKeys(schema: z.ZodType, root: Placed, gaps: readonly Path[]): readonly Diagnostic[] {
  const owners = [...new Set(gaps.map((path) => dotted(path.slice(0, -1))))];
  return owners.map((owner) => {
    const paths = gaps.filter((path) => dotted(path.slice(0, -1)) === owner);
    const [first = []] = paths;
    const above = first.slice(0, -1);
    const names = paths.map((path) => `"${path.at(-1)}"`).join(", ");
    const help = paths.length === 1 ? schemaAt(schema, root, first)?.description : undefined;
    return {
      ...error(
        "missing-key",
        `${owner === "" ? "the file" : owner} needs the key${paths.length === 1 ? "" : "s"} ${names}`,
      ),
      at: above.length === 0 ? root.at : keyOf(root, above),
      ...(help === undefined ? {} : { help }),
    };
  });
}

/** What a map must have one of, when its schema is a union of maps: the first key of each variant names its kind. */
export function kindsOf(schema: z.ZodType): readonly string[] {
  const bare = unwrap(schema);
  if (!(bare instanceof z.ZodUnion)) return [];
  return bare.options.flatMap((option) => {
    const variant = unwrap(option as z.ZodType);
    return variant instanceof z.ZodObject ? Object.keys(variant.shape).slice(0, 1) : [];
  });
}

/** The schema of the value at `path`, or undefined where the schema knows none; unions are entered by their kind key. */
export function schemaAt(schema: z.ZodType, root: Placed | undefined, path: Path): z.ZodType | undefined {
  let at: z.ZodType | undefined = schema;
  let value = root;
  for (const step of path) {
    at = at && child(variantFor(at, value), step);
    value = value && find(value, step);
  }
  return at;
}

function child(schema: z.ZodType | undefined, step: string | number): z.ZodType | undefined {
  if (schema === undefined) return undefined;
  const bare = unwrap(schema);
  if (bare instanceof z.ZodObject) return bare.shape[String(step)] as z.ZodType | undefined;
  if (bare instanceof z.ZodArray) return bare.element as z.ZodType;
  if (bare instanceof z.ZodRecord) return bare.valueType as z.ZodType;
  return undefined;
}

function variantFor(schema: z.ZodType, value: Placed | undefined): z.ZodType | undefined {
  const bare = unwrap(schema);
  if (!(bare instanceof z.ZodUnion)) return bare;
  const options = bare.options.map((option) => unwrap(option as z.ZodType));
  if (value?.kind !== "map") return undefined;
  const maps = options.filter((option) => option instanceof z.ZodObject);
  return (
    maps.find((option) => value.entries.has(Object.keys(option.shape)[0] ?? "")) ??
    (maps.length === 1 ? maps[0] : undefined)
  );
}

function unwrap(schema: z.ZodType): z.ZodType {
  let bare = schema;
  while (bare instanceof z.ZodOptional || bare instanceof z.ZodDefault || bare instanceof z.ZodPrefault) {
    bare = bare.unwrap() as z.ZodType;
  }
  return bare;
}

/** While collecting: the path of the missing key that this is about, or which one a misspelt key was meant to be. */
type Finding = Diagnostic & { readonly missing?: Path; readonly meant?: string };

function explain(schema: z.ZodType, root: Placed, issue: Issue, above: Path): readonly Finding[] {
  const path = [...above, ...(issue.path as Path)];
  const value = find(root, ...path);
  const at = value?.at ?? keyOf(root, path.slice(0, -1));
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(schema, root, path, key));
    case "invalid_union":
      return union(schema, root, issue, path);
    case "invalid_key":
      return [{ ...error("bad-name", issue.issues[0]?.message ?? issue.message), at: keyOf(root, path) }];
    case "invalid_type":
      if (value === undefined) return [missing(path)];
      return [wrongType(words(issue.expected), value)];
    case "invalid_value": {
      if (value === undefined) return [missing(path)];
      const values = issue.values.map(String);
      const [only = ""] = values;
      if (value.kind !== "scalar") return [wrongType(values.length === 1 ? `"${only}"` : "a text", value)];
      const near = closest(value.source, values);
      const expected = values.length === 1 ? `"${only}"` : `one of ${values.join(", ")}`;
      const help = near === undefined ? {} : { help: `did you mean "${near}"?` };
      return [{ ...error("bad-value", `expected ${expected}, got ${shown(value)}`), at, ...help }];
    }
    case "too_small":
    case "too_big": {
      const [bound, limit] = issue.code === "too_small" ? ["at least", issue.minimum] : ["at most", issue.maximum];
      const what =
        issue.origin === "string"
          ? `a text of ${bound} ${limit} characters`
          : issue.origin === "array"
            ? `a list of ${bound} ${limit} value${Number(limit) === 1 ? "" : "s"}`
            : `${bound} ${limit}`;
      return [
        { ...error("bad-value", `expected ${what}${value?.kind === "scalar" ? `, got ${shown(value)}` : ""}`), at },
      ];
    }
    default:
      return [{ ...error("bad-value", issue.message), at }];
  }
}

function union(
  schema: z.ZodType,
  root: Placed,
  issue: Issue & { code: "invalid_union" },
  path: Path,
): readonly Finding[] {
  const value = find(root, ...path);
  if (value === undefined) return [missing(path)];
  const found = schemaAt(schema, root, path);
  const options = found === undefined ? [] : ((unwrap(found) as z.ZodUnion).options as readonly z.ZodType[]);
  if (value.kind !== "map" || options.length === 0) {
    const expected = options.map(naming).filter((text, i, all) => all.indexOf(text) === i);
    const literals = options.flatMap((option) =>
      option instanceof z.ZodLiteral
        ? [...option.values].map(String)
        : option instanceof z.ZodEnum
          ? option.options.map(String)
          : [],
    );
    const near = value.kind === "scalar" ? closest(value.source, literals) : undefined;
    const finding = wrongType(expected.join(" or "), value);
    return [near === undefined ? finding : { ...finding, help: `did you mean "${near}"?` }];
  }
  const kinds = kindsOf(found as z.ZodType);
  const present = kinds.filter((kind) => value.entries.has(kind));
  const [kind, other] = present;
  if (kind === undefined) {
    const maps = options.findIndex((option) => unwrap(option) instanceof z.ZodObject);
    if (kinds.length === 1) return (issue.errors[maps] ?? []).flatMap((inner) => explain(schema, root, inner, path));
    const near = [...value.entries.keys()].map((key) => ({ key, kind: closest(key, kinds) })).find((n) => n.kind);
    const at = near ? keyOf(root, [...path, near.key]) : keyOf(root, path);
    const help = near ? { help: `did you mean "${near.kind}"?` } : {};
    return [{ ...error("missing-kind", `one of the keys ${kinds.join(", ")} must be here`), at, ...help }];
  }
  if (other !== undefined) {
    return [
      {
        ...error("two-kinds", `"${kind}" and "${other}" exclude each other`),
        at: keyOf(root, [...path, other]),
        help: `keep one of ${kinds.join(", ")}`,
        related: [{ message: `"${kind}" is here`, at: keyOf(root, [...path, kind]) }],
      },
    ];
  }
  const index = options.findIndex((option) => {
    const variant = unwrap(option);
    return variant instanceof z.ZodObject && Object.keys(variant.shape)[0] === kind;
  });
  return (issue.errors[index] ?? []).flatMap((inner) => explain(schema, root, inner, path));
}

function unknownKey(schema: z.ZodType, root: Placed, path: Path, key: string): Finding {
  const owner = find(root, ...path);
  const here = schemaAt(schema, root, path);
  const bare = here && variantFor(here, owner);
  const known = bare instanceof z.ZodObject ? Object.keys(bare.shape) : [];
  const free = known.filter((name) => owner?.kind !== "map" || !owner.entries.has(name));
  const near = closest(key, free);
  const help = near === undefined ? didYouMean(key, free.length > 0 ? free : known) : `did you mean "${near}"?`;
  return {
    ...error("unknown-key", `unknown key "${key}"${path.length === 0 ? "" : ` in ${dotted(path)}`}`),
    at: keyOf(root, [...path, key]),
    ...(help === undefined ? {} : { help }),
    ...(near === undefined ? {} : { meant: dotted([...path, near]) }),
  };
}

function missing(path: Path): Finding {
  return { ...error("missing-key", dotted(path)), missing: path };
}

function wrongType(expected: string, value: Placed): Finding {
  const quoted = expected.startsWith("a text") && value.kind === "scalar" && value.value !== null;
  return {
    ...error("wrong-type", `expected ${expected}, got ${shown(value)}`),
    at: value.at,
    ...(quoted ? { help: `put it in quotes: "${value.source}"` } : {}),
  };
}

function error(code: string, message: string): { severity: "error"; code: string; message: string } {
  return { severity: "error", code, message };
}

/** `kernel.patches[2]`, as people point at a value. */
export function dotted(path: Path): string {
  return path.map((step, i) => (typeof step === "number" ? `[${step}]` : i === 0 ? step : `.${step}`)).join("");
}

const WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map of keys",
  record: "a map of keys",
  array: "a list",
};

function words(expected: string): string {
  return WORDS[expected] ?? expected;
}

function naming(schema: z.ZodType): string {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodLiteral) return [...bare.values].map((value) => `"${value}"`).join(" or ");
  if (bare instanceof z.ZodEnum) return `one of ${bare.options.join(", ")}`;
  return words(bare.def.type);
}

/** What a value is, for people: `a number`, `"text"`, `a list`, `nothing`. */
export function shown(value: Placed): string {
  if (value.kind === "map") return "a map of keys";
  if (value.kind === "list") return "a list";
  if (value.value === null) return "nothing";
  if (typeof value.value === "string") return `"${value.value}"`;
  return typeof value.value === "number" ? `the number ${value.source}` : value.source;
}
