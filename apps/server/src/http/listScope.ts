import { decodeSearchText } from "@backup-catalog/core/http"

const mayAsk = /project/i

/**
 * Whether a raw query string asks for backups of other accounts, which decides who may ask before anything else is
 * read.
 */
export const asksOtherAccounts = (search: string): boolean =>
  // Percent-encoding may hide the name.
  (mayAsk.test(search) || search.includes("%")) &&
  search.split("&").some((pair) => {
    const equals = pair.indexOf("=")
    const name = decodeSearchText(equals === -1 ? pair : pair.slice(0, equals))
    const value = equals === -1 ? "" : decodeSearchText(pair.slice(equals + 1))
    return name === "project_id" ? value !== "" : name === "all_projects" && /^(?:true|1)$/i.test(value ?? "")
  })
