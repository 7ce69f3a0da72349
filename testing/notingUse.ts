/** A service as it is, that notes each of its members when it is read. */
export const notingUse = <Service extends object>(service: Service, used: Set<string>): Service =>
  new Proxy(service, {
    get: (target, member, receiver) => {
      used.add(String(member))
      return Reflect.get(target, member, receiver)
    }
  })
