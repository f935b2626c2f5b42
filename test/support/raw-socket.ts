import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** A connection on which bytes are sent as they are. */
export const rawSocket = async (url: string): Promise<Socket> => {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};

/** Sends bytes on a connection of its own. @returns all that comes back until the server closes it */
export const sendRaw = async (url: string, bytes: string | Buffer): Promise<string> => {
  const socket = await rawSocket(url);
  socket.write(bytes);
  return text(socket);
};

/** Waits until the server has sent a text. */
export const received = async (socket: Socket, wanted: string): Promise<string> => {
  let all = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    all += String(chunk);
    if (all.includes(wanted)) return all;
  }
  throw new Error(`the connection was closed after: ${all}`);
};
