/** Things by a key of each, both in the order in which they came; as `Map.groupBy`, which Node 20 does not have. */
export const grouped = <Key, A>(things: Iterable<A>, keyOf: (thing: A) => Key): ReadonlyMap<Key, ReadonlyArray<A>> => {
  const groups = new Map<Key, Array<A>>()
  for (const thing of things) {
    const key = keyOf(thing)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [thing])
    else group.push(thing)
  }
  return groups
}
