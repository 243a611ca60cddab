import { z } from "zod";

/** The part of JSON Schema that zod emits and a reference needs. */
export interface JsonSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: { readonly [key: string]: JsonSchema };
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** JSON Schema (draft 2020-12) of what a file may say, for editors and for the reference. */
export function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
}

/** The text of a schema file as it is checked in. */
export function schemaFile(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Markdown sections for every map of a schema: a heading with its path, what it is, and a table of its keys. */
export function referenceSections(schema: JsonSchema, path = "", heading = "##"): string {
  return sections(schema, path)
    .map(({ path, note, map }) =>
      [`${heading} ${path === "" ? "The file" : `\`${path}\``}`, note, table(map)]
        .filter((text) => text !== "")
        .join("\n\n"),
    )
    .join("\n\n");
}

interface Section {
  readonly path: string;
  readonly note: string;
  readonly map: JsonSchema;
}

function sections(schema: JsonSchema, path: string, note = ""): readonly Section[] {
  if (schema.anyOf) {
    const maps = schema.anyOf.filter((variant) => variant.properties);
    return maps.flatMap((variant) => {
      const kind = maps.length > 1 ? Object.keys(variant.properties ?? {})[0] : undefined;
      const title = kind === undefined ? path : `${path} with ${kind}`;
      return sections(variant, title, variant.description ?? note);
    });
  }
  if (schema.items) return sections(schema.items, `${path}[]`, note);
  if (typeof schema.additionalProperties === "object")
    return sections(schema.additionalProperties, `${path}.NAME`, note);
  if (!schema.properties) return [];
  const below = Object.entries(schema.properties).flatMap(([key, value]) =>
    sections(value, path === "" ? key : `${path}.${key}`, value.description ?? ""),
  );
  return [{ path, note, map: schema }, ...below];
}

function table(map: JsonSchema): string {
  const rows = Object.entries(map.properties ?? {}).map(([key, value]) => {
    const need = map.required?.includes(key) ? "yes" : "";
    return `| \`${key}\` | ${typeOf(value)} | ${need} | ${defaultOf(value)} | ${cell(value.description ?? "")} |`;
  });
  return ["| Key | Value | Needed | Default | Meaning |", "|---|---|---|---|---|", ...rows].join("\n");
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(" or ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  const names: Readonly<Record<string, string>> = {
    string: "text",
    integer: "whole number",
    number: "number",
    boolean: "true or false",
    object: "map",
  };
  return names[schema.type ?? ""] ?? "anything";
}

function defaultOf(schema: JsonSchema): string {
  if (schema.default === undefined) return "";
  const text = JSON.stringify(schema.default);
  // A default that is a map of defaults says nothing that its own section does not say.
  if (text.length > 40 || text === "{}") return "see below";
  return cell(`\`${typeof schema.default === "string" ? schema.default : text}\``);
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
