import { type JsonSchema, jsonSchema, referenceSections } from "../diagnostic/reference.js";
import { RecipeSchema } from "./schema/recipe.js";

/**
 * JSON Schema of recipes, for editors: `# yaml-language-server: $schema=…`. What is needed may come from a recipe
 * that is extended, so an editor must not miss it in the one it looks at; lists are not merged and stay strict.
 */
export function recipeSchema(): JsonSchema {
  return withoutNeeds(jsonSchema(RecipeSchema));
}

function withoutNeeds({ required: _, ...schema }: JsonSchema): JsonSchema {
  const { properties, additionalProperties, anyOf } = schema;
  return {
    ...schema,
    ...(properties
      ? { properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, withoutNeeds(value)])) }
      : {}),
    ...(typeof additionalProperties === "object" ? { additionalProperties: withoutNeeds(additionalProperties) } : {}),
    ...(anyOf ? { anyOf: anyOf.map(withoutNeeds) } : {}),
  };
}

/** docs/recipe.md, from the schema; `example` is the text of a recipe that is shown first. */
export function recipeReference(example: string): string {
  return `# Recipes

<!-- Made by scripts/docs.mjs from src/recipe/schema; edit those. -->

A recipe says what to build: sources, kernel, root filesystem, layout. It holds choices and no hardware facts; those
are the board's ([boards](boards.md)). It lies in \`recipes/NAME.yaml\`, of your folder or of boardsmith's own.

\`\`\`yaml
${example.trimEnd()}
\`\`\`

- **Paths** are relative to the file they stand in.
- **\`extends:\`** names recipes to build on. Maps merge deeply, lists replace, later files win over earlier ones and
  the recipe over all. A source, kernel or root filesystem of another kind (\`git\` instead of \`distro\`) replaces
  the extended one whole; another of \`branch\`, \`tag\` and \`commit\` replaces that key.
- **No templates.** Recipes are plain data, so every mistake is shown with its file, line and column, all at once.
  \`boardsmith check\` does nothing else. \`docs/diagnostics.md\` lists the kinds of mistakes.
- **Sizes** are bytes, or a number with KiB, MiB, GiB (K, M, G mean the same) or kB, MB, GB.
- **Passwords** are hashes or not there at all.
- **\`rootfs: rpm\`** trusts the keys of its repositories and nothing else: one of them must have signed repomd.xml, which
  names the list of packages by checksum, which names each package by the checksum that \`lock\` writes down. A package
  that carries a signature must carry one by such a key as well; one without is vouched for by the list. Libsolv solves
  for the board's architecture, and exactly the locked set is installed, in one rpm transaction, without documentation
  (packages that come to a locked set later are installed on top, so that a build with one package more is quick);
  a failing scriptlet stops the build. \`extends:\` can change one key of one repository, since they have names.
- **\`rootfs: kiwi\`** takes the root filesystem of a KIWI description: its packages are solved, locked and checked as above,
  kiwi-ng installs them and runs the description's scripts, and the image stays boardsmith's. See [KIWI](kiwi.md).
- **Editors**: \`# yaml-language-server: $schema=../schemas/recipe.schema.json\` as the first line, with the path to
  boardsmith's \`schemas/\`, or a file made by \`boardsmith schema recipe\`.

${referenceSections(jsonSchema(RecipeSchema))}
`;
}
