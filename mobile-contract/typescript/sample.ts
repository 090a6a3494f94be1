// How an app calls the service with a client generated from openapi.yaml: signing in, asking,
// answering, staying signed in, and what it does with a refusal. It is compiled with the strictest
// settings, so that a change of the contract that breaks apps breaks it first.

import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Schemas = components["schemas"];
export type Api = Client<paths>;

// Store keeps what must survive the app: it has written durably when its promise is fulfilled.
export interface Store {
  tokens(): Schemas["Tokens"] | undefined;
  keep(tokens: Schemas["Tokens"]): Promise<void>;
  forget(): Promise<void>;
}

// Refused is a problem as the service words it; an app shows its own sentence for the code.
export class Refused extends Error {
  constructor(
    readonly problem: Schemas["Problem"],
    readonly retryAfterSeconds: number | undefined,
  ) {
    super(problem.code);
  }
}

export function connect(baseUrl: string, store: Store): Api {
  const api = createClient<paths>({ baseUrl });
  api.use({
    onRequest({ request }) {
      const held = store.tokens();
      if (held) request.headers.set("Authorization", `Bearer ${held.access}`);
      return request;
    },
  });
  return api;
}

interface Answer<T> {
  data?: T;
  error?: Schemas["Problem"];
  response: Response;
}

function shown<T>({ data, error, response }: Answer<T>): T {
  if (error) {
    const wait = response.headers.get("Retry-After");
    throw new Refused(error, wait === null ? undefined : Number(wait));
  }
  return data as T;
}

// signIn turns a mailed code into a session. Of several people who share the contact, ask chooses.
export async function signIn(
  api: Api,
  store: Store,
  contact: string,
  typed: () => Promise<string>,
  ask: (choices: Schemas["Choice"][]) => Promise<{ person: string; birthYear: number }>,
): Promise<"signed in" | "unregistered"> {
  const { flow } = shown(await api.POST("/v1/sign-in/codes", { body: { contact } }));
  const body: Schemas["Redemption"] = { flow, code: await typed(), device: "Fairphone 5" };
  let outcome = shown(await api.POST("/v1/sign-in/tokens", { body }));
  if (outcome.choices) {
    outcome = shown(await api.POST("/v1/sign-in/tokens", { body: { ...body, ...(await ask(outcome.choices)) } }));
  }
  if (!outcome.tokens) return "unregistered";
  await store.keep(outcome.tokens);
  return "signed in";
}

// refresh stores the successor durably before anything uses it. A lost answer is asked for again
// with the same token; only an old one ends the session.
export async function refresh(api: Api, store: Store): Promise<void> {
  const held = store.tokens();
  if (!held) return;
  try {
    await store.keep(shown(await api.POST("/v1/tokens", { body: { refresh: held.refresh } })));
  } catch (e) {
    if (e instanceof Refused && e.problem.status === 401) await store.forget();
    throw e;
  }
}

// askForHelp sends one intent. The key is made when the person presses the button, and kept with the
// intent until an answer came.
export async function askForHelp(api: Api, key: string, request: Schemas["NewRequest"]): Promise<Schemas["Request"]> {
  return shown(await api.POST("/v1/requests", { params: { header: { "Idempotency-Key": key } }, body: request }));
}

// acceptAsk says yes. The state of the ask tells whether the seat is theirs or they are a reserve.
export async function acceptAsk(api: Api, key: string, ask: string): Promise<"agreed" | "reserve" | "too late"> {
  try {
    const answer = shown(
      await api.POST("/v1/asks/{ask}/accept", { params: { path: { ask }, header: { "Idempotency-Key": key } }, body: {} }),
    );
    return answer.ask.state === "accepted" ? "agreed" : "reserve";
  } catch (e) {
    if (e instanceof Refused && e.problem.status === 409) return "too late";
    throw e;
  }
}

// asked lists the questions that are open, page by page.
export async function* asked(api: Api): AsyncGenerator<Schemas["Ask"]> {
  let after: string | undefined;
  do {
    const page = shown(
      await api.GET("/v1/requests", { params: { query: { scope: "helping", ...(after === undefined ? {} : { after }) } } }),
    );
    for (const request of page.items) yield* request.asks ?? [];
    after = page.after;
  } while (after !== undefined);
}
