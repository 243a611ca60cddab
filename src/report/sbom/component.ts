/** What of a CycloneDX 1.6 component is used here; see https://cyclonedx.org/docs/1.6/json/#components */
export interface Component {
  readonly type: "application" | "container" | "file" | "firmware" | "library" | "operating-system";
  readonly "bom-ref"?: string;
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  readonly hashes?: readonly Hash[];
  readonly licenses?: readonly { readonly license: { readonly id: string } | { readonly name: string } }[];
  readonly purl?: string;
  readonly externalReferences?: readonly Reference[];
  readonly pedigree?: {
    readonly patches: readonly { readonly type: "unofficial"; readonly diff: { readonly url: string } }[];
  };
  readonly components?: readonly Component[];
  readonly properties?: readonly Property[];
}

export interface Hash {
  readonly alg: "SHA-256" | "SHA-1";
  readonly content: string;
}

export interface Reference {
  readonly type: "source-distribution" | "vcs" | "distribution";
  readonly url: string;
  readonly comment?: string;
  readonly hashes?: readonly Hash[];
}

export interface Property {
  readonly name: `boardsmith:${string}`;
  readonly value: string;
}

export function sha256Hash(content: string): Hash {
  return { alg: "SHA-256", content };
}
