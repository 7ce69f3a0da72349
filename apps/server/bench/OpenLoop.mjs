// Offers a server so many requests a second, whether it answers them or not: those that wait do not keep others from coming.
import { connect } from "node:net"

/** The most connections that are open; a request that finds none free waits, and its wait counts. */
const MOST_CONNECTIONS = 1000

const ticks = () => new Promise((resolve) => setTimeout(resolve, 1))

const percentile = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

/** The n-th percentile and others of some times, in milliseconds. */
export const summary = (times) => {
  const sorted = Float64Array.from(times).sort()
  return { count: sorted.length, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), most: sorted.at(-1) }
}

const add = (times, status, time) => {
  const known = times.get(status)
  if (known === undefined) times.set(status, [time])
  else known.push(time)
}

class Connections {
  #free = []
  #open = new Set()
  #waiting = []
  constructor(port, answered) {
    this.port = port
    this.answered = answered
  }
  get count() {
    return this.#open.size
  }
  send(request) {
    const socket = this.#free.pop() ?? (this.#open.size < MOST_CONNECTIONS ? this.#connect() : undefined)
    if (socket === undefined) this.#waiting.push(request)
    else this.#write(socket, request)
  }
  close() {
    for (const socket of this.#open) socket.destroy()
  }
  #write(socket, request) {
    socket.request = request
    socket.write(request.bytes)
  }
  #connect() {
    const socket = connect(this.port, "127.0.0.1")
    socket.setNoDelay(true)
    this.#open.add(socket)
    socket.head = ""
    socket.left = 0
    const over = () => {
      if (!this.#open.delete(socket)) return
      this.#free = this.#free.filter((other) => other !== socket)
      if (socket.request !== undefined) this.answered(socket.request, 0)
    }
    socket.on("error", over)
    socket.on("close", over)
    socket.on("data", (chunk) => {
      if (socket.left === 0) {
        socket.head += chunk.latin1Slice(0, chunk.length)
        const end = socket.head.indexOf("\r\n\r\n")
        if (end < 0) return
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(socket.head)?.[1] ?? 0)
        socket.status = Number(socket.head.slice(9, 12))
        socket.closes = /\r\nconnection: close/i.test(socket.head)
        socket.left = end + 4 + length - socket.head.length
        socket.head = ""
      } else {
        socket.left -= chunk.length
      }
      if (socket.left > 0) return
      socket.left = 0
      const { request } = socket
      socket.request = undefined
      this.answered(request, socket.status)
      if (socket.closes) {
        this.#open.delete(socket)
        return socket.destroy()
      }
      const next = this.#waiting.shift()
      if (next === undefined) this.#free.push(socket)
      else this.#write(socket, next)
    })
    return socket
  }
}

/**
 * Offers `rate` requests a second for some seconds, `bytesOf` each its number; those that begin in the first `warmUp`
 * seconds are not counted. Gives the times of the answers by their status (0: the connection broke, -1: no answer came).
 */
export const offer = async ({ port, rate, seconds, warmUp, bytesOf }) => {
  const times = new Map()
  let open = 0
  const connections = new Connections(port, (request, status) => {
    open -= 1
    request.isOver = true
    if (request.counts) add(times, status, performance.now() - request.due)
  })
  const begun = performance.now()
  const busy = performance.eventLoopUtilization()
  const all = new Set()
  let late = 0
  for (let sent = 0; ; await ticks()) {
    const now = performance.now()
    const elapsed = (now - begun) / 1000
    if (elapsed >= seconds + warmUp) break
    const due = Math.floor(elapsed * rate)
    late = Math.max(late, due - sent)
    for (; sent < due; sent++) {
      open += 1
      const request = { bytes: bytesOf(sent), due: performance.now(), counts: elapsed >= warmUp }
      if (request.counts) all.add(request)
      connections.send(request)
    }
  }
  const utilization = performance.eventLoopUtilization(busy).utilization
  for (const end = performance.now() + 10_000; open > 0 && performance.now() < end; ) await ticks()
  connections.close()
  for (const request of all) if (!request.isOver) add(times, -1, Number.POSITIVE_INFINITY)
  return { times, utilization, late: (late / rate) * 1000, connections: connections.count }
}

/** Has so many callers ask again as soon as they are answered; else as `offer`. */
export const ask = async ({ port, callers, seconds, warmUp, bytesOf }) => {
  const times = new Map()
  const begun = performance.now()
  const end = begun + (seconds + warmUp) * 1000
  let sent = 0
  let open = 0
  const send = () => {
    open += 1
    const now = performance.now()
    connections.send({ bytes: bytesOf(sent++), due: now, counts: now - begun >= warmUp * 1000 })
  }
  const connections = new Connections(port, (request, status) => {
    open -= 1
    const now = performance.now()
    if (request.counts) add(times, status, now - request.due)
    if (now < end) setImmediate(send)
  })
  for (let n = 0; n < callers; n++) send()
  while (open > 0 || performance.now() < end) await ticks()
  connections.close()
  return { times }
}
