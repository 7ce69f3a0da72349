/** How many texts are remembered with what is made of them, and how long each may be. */
const REMEMBERED = { texts: 1000, length: 512 }

/** What is made of a text, such as a query string, remembered for those who ask the same again and again. */
export const remembered = <A>(make: (text: string) => A): ((text: string) => A) => {
  const known = new Map<string, A>()
  return (text) => {
    if (known.has(text)) return known.get(text) as A
    const made = make(text)
    if (text.length <= REMEMBERED.length) {
      if (known.size >= REMEMBERED.texts) known.clear()
      known.set(text, made)
    }
    return made
  }
}
