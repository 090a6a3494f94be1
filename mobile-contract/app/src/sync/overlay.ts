// What a screen shows: the documents, with what still waits laid over them.

import type { Mutations } from "../../generated/mutations.js";
import type { Document } from "./documents.js";
import type { Entry } from "./outbox.js";

export type { Mutations };

// View is what a screen reads, by keys such as "request/01J...".
export type View = ReadonlyMap<string, Document>;

// Draft is what a mutator may do with the documents.
export interface Draft {
  get(key: string): Document | undefined;
  set(key: string, value: Document): void;
  delete(key: string): void;
}

// Mutator lays one intent over the documents. It changes the documents of its own mutation alone, and by its arguments:
// what follows for others comes with a pull. It is run again after each pull and each act, also on a document that has
// the effect already. at is the device's clock at the act.
export type Mutator<N extends keyof Mutations> = (draft: Draft, args: Mutations[N], at: number) => void;

export type Mutators = { readonly [N in keyof Mutations]?: Mutator<N> };

// overlay lays what is not confirmed yet over the documents, in the order of the acts; it changes docs and hands them
// back. A refusal shows nothing any more; what was applied stays until a pull has brought it. A mutator that fails, on
// what the document has become, shows nothing and stops no other.
export function overlay(docs: Map<string, Document>, entries: readonly Entry[], mutators: Mutators): View {
  for (const e of entries) {
    const mutate = mutators[e.name as keyof Mutations] as Mutator<never> | undefined;
    if (e.status === "rejected" || mutate === undefined) continue;
    const changes = new Map<string, Document | undefined>();
    const draft: Draft = {
      get: (key) => (changes.has(key) ? changes.get(key) : docs.get(key)),
      set: (key, value) => changes.set(key, value),
      delete: (key) => changes.set(key, undefined),
    };
    try {
      mutate(draft, e.args as never, e.at);
    } catch {
      continue;
    }
    for (const [key, value] of changes) {
      if (value === undefined) docs.delete(key);
      else docs.set(key, value);
    }
  }
  return docs;
}
