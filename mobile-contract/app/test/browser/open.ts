// The client in a page.

import type { Page } from "playwright-core";
import type { Client } from "../../src/sync/client.js";

declare global {
  // What open leaves in a page.
  var client: Client;
}

// open opens the client of somebody in a page, with all that the browser itself brings.
export async function open(page: Page, account: string, access: string, patience?: number): Promise<void> {
  await page.evaluate(
    async ({ account, access, patience }) => {
      const path = (name: string) => `${location.origin}/src/sync/${name}.js`;
      const { Client } = (await import(path("client"))) as typeof import("../../src/sync/client.js");
      const { browserTabs } = (await import(path("tabs"))) as typeof import("../../src/sync/tabs.js");
      globalThis.client = await Client.open({
        account,
        link: { base: location.origin, fetch: fetch.bind(globalThis), access: () => access, refresh: () => Promise.resolve("sign_in") },
        mutators: { "request.ask": (draft, args) => draft.set(`request/${args.id}`, { ...args, unsent: true }) },
        ...(patience === undefined ? {} : { tabs: browserTabs(account, patience) }),
      });
    },
    { account, access, patience },
  );
}
