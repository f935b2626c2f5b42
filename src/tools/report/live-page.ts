import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { reportPage } from './html/page.ts';
import type { Section } from './section.ts';

/** A page on this machine that shows a report while it comes about. */
export interface LivePage {
  readonly url: string;
  /** From now on it shows what this reads. */
  show(read: () => readonly Section[]): void;
  /** Shows a page until a browser has it, or for some seconds, and closes. */
  end(html: string): Promise<void>;
}

/** Browsers ask every second. */
const LAST_CALL_MS = 3_000;

/** Serves a live page to this machine alone, at a free port. It ends with the process in any case. */
export const openLivePage = async (title: string): Promise<LivePage> => {
  let read: () => readonly Section[] = () => [];
  let last: string | undefined;
  let isSeen: () => void = () => undefined;
  let isWatched = false;
  const server = createServer(({ url, method }, response) => {
    if (url !== '/' || method !== 'GET') {
      response.writeHead(404).end();
      return;
    }
    isWatched = true;
    const html = last ?? reportPage({ title, sections: read(), at: new Date(), live: true });
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      .end(html, last === undefined ? undefined : isSeen);
  });
  server.unref().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/`,
    show: (from) => {
      read = from;
    },
    end: async (html) => {
      const seen = new Promise<void>((resolve) => {
        isSeen = resolve;
      });
      last = html;
      if (isWatched) await Promise.race([seen, sleep(LAST_CALL_MS)]);
      server.close();
      server.closeAllConnections();
    },
  };
};
