// Somebody's device, with the service behind a network that can be disturbed.

import { IDBFactory } from "fake-indexeddb";
import { Client, type Options } from "../../src/sync/client.js";
import type { Link } from "../../src/sync/link.js";
import { House, mutators } from "../bench.js";
import type { Demo, Part } from "./demo.js";

interface Tokens {
  access: string;
  refresh: string;
}

// Phone is somebody's device: a session, a browser's disk, a clock, and a network that can be disturbed.
export class Phone {
  disk = new IDBFactory();
  drift = 0; // of its clock, in milliseconds
  cut = false; // no call arrives
  deaf = 0; // so many answers are lost
  refreshes = 0;
  streaming: () => void = () => undefined; // called once a stream is open
  readonly house = new House();

  private constructor(
    readonly demo: Demo,
    readonly who: Part,
    public tokens: Tokens,
  ) {}

  static async signIn(demo: Demo, name: string, phone = false): Promise<Phone> {
    const who = demo.part(name);
    return new Phone(demo, who, await demo.ask<Tokens>("/tokens", { mail: who.mail, phone }));
  }

  open(more: Partial<Options> = {}): Promise<Client> {
    return Client.open({ account: this.who.person, mutators, indexedDB: this.disk, tabs: this.house.tab(), now: () => this.demo.now() + this.drift, link: this.link(), ...more });
  }

  // call calls the API as this person.
  async call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(this.demo.api + path, {
      method,
      headers: { authorization: `Bearer ${this.tokens.access}`, "content-type": "application/json", "idempotency-key": `test-${String(Math.random()).slice(2)}-0000000` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as Record<string, unknown>);
  }

  private link(): Link {
    return {
      base: this.demo.api,
      access: () => this.tokens.access,
      fetch: (async (url: string, init: RequestInit) => {
        if (this.cut) throw new TypeError("no connection");
        const answer = await fetch(url, init);
        if (url.endsWith("/events") && answer.ok) this.streaming();
        if (this.deaf === 0) return answer;
        this.deaf--;
        await answer.arrayBuffer();
        throw new TypeError("no connection");
      }) as typeof fetch,
      refresh: async () => {
        this.refreshes++;
        const answer = await fetch(`${this.demo.api}/v1/tokens`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ refresh: this.tokens.refresh }),
        });
        if (answer.status === 410) return ((await answer.json()) as { wipe?: boolean }).wipe === true ? "gone" : "sign_in";
        if (!answer.ok) return "sign_in";
        this.tokens = (await answer.json()) as Tokens;
        return "fresh";
      },
    };
  }
}
