/** The rows of a CSV text, read by the rules of RFC 4180 and independently of what wrote it. */
export const parseCsv = (text: string): ReadonlyArray<ReadonlyArray<string>> => {
  const rows: Array<Array<string>> = []
  let row: Array<string> = []
  const cell = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/y
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex
    const match = cell.exec(text)
    if (match === null) throw new Error(`not CSV from character ${at} on: ${text.slice(at, at + 40)}`)
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "")
    if (match[3] === "\n") {
      rows.push(row)
      row = []
    }
  }
  return rows
}
