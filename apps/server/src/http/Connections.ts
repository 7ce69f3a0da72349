import type { ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { ListenerRequest } from "../request/ListenerRequest.ts"

/** How long a caller has to close its side of a connection that is to be closed, once it was answered, in milliseconds. */
const LINGER = 1000

/**
 * Has a connection that is closed while a body is still arriving read on for a while: closed at once, it would be reset
 * by what comes, and an answer that refuses the body be lost on its way to who is still writing it.
 */
const lingerOver = (socket: Socket, isArriving: () => boolean): void => {
  const close = socket.destroySoon.bind(socket)
  socket.destroySoon = () => {
    if (!isArriving()) return close()
    socket.end()
    const timer = setTimeout(() => socket.destroy(), LINGER).unref()
    socket.once("close", () => clearTimeout(timer))
  }
}

/** What is known of a connection. */
export interface Connection {
  /** The answers that it still owes, in the order of their requests. */
  readonly owed: Array<ServerResponse<ListenerRequest>>
  /** Its last request. */
  asked: ListenerRequest
  /** How much had been read of it when it owed nothing any more; undefined where more of a body was to come. */
  read: number | undefined
}

/** The connections on which there has been a request, and what they owe. */
export class Connections {
  readonly #open = new Map<Socket, Connection>()
  readonly #adopted = new Set<Socket>()

  /** How many there are. */
  get size(): number {
    return this.#open.size
  }

  /** What is known of a connection; undefined before its first request. */
  of(socket: Socket): Connection | undefined {
    return this.#open.get(socket)
  }

  /**
   * Notes a request whose answer its connection owes from now on; `leave` is called when that is out, or will never be.
   */
  owe(request: ListenerRequest, response: ServerResponse<ListenerRequest>, leave: () => void): void {
    const { socket } = request
    const known = this.#open.get(socket)
    const connection = known ?? { owed: [], asked: request, read: undefined }
    const { owed } = connection
    if (known === undefined) {
      this.#open.set(socket, connection)
      lingerOver(socket, () => !connection.asked.complete)
      // Node tells no end of an answer whose turn on its connection had not come when that ended.
      socket.once("close", () => {
        this.#open.delete(socket)
        for (const waiting of [...owed]) if (waiting.socket === null && !waiting.writableFinished) waiting.emit("close")
      })
    }
    connection.asked = request
    owed.push(response)
    response.on("close", () => {
      if (owed[0] === response) owed.shift()
      else owed.splice(owed.indexOf(response), 1)
      connection.read = connection.asked.complete ? socket.bytesRead : undefined
      leave()
    })
  }

  /** Takes over a connection of which Node has taken its hands off. */
  adopt(socket: Socket): void {
    this.#adopted.add(socket)
    // Nobody else would hear that it broke, or close it when its caller does not.
    socket.on("error", () => socket.destroy())
    socket.once("finish", () => setTimeout(() => socket.destroy(), LINGER).unref())
    socket.once("close", () => this.#adopted.delete(socket))
  }

  /**
   * Ends a connection on which nothing has happened for too long, unless that is not its caller's doing. Whoever
   * listens to a server's `timeout` has to end those as well that are only kept alive.
   */
  giveUp(socket: Socket): void {
    const owed = this.#open.get(socket)?.owed
    const isIdle = owed?.length === 0
    if (isIdle || socket.writableLength > 0) socket.destroy()
  }

  /** Closes those that owe nothing, and on which no request is arriving. */
  closeIdle(): void {
    for (const [socket, { owed, asked, read = socket.bytesRead }] of this.#open) {
      const isIdle = owed.length === 0 && asked.complete && read === socket.bytesRead && socket.writableLength === 0
      if (isIdle && !this.#adopted.has(socket)) socket.destroy()
    }
  }

  /** Cuts off those that were adopted, whatever they owe. */
  cutAdopted(): void {
    for (const socket of this.#adopted) socket.destroy()
  }
}
