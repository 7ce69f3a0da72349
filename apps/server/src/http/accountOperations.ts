import {
  type AccountOperation,
  type ParseParams,
  parseCoverageParams,
  parseImportParams,
  parseImportsParams,
  parseInstanceListParams,
  parseInstancesParams,
  parseListParams,
  parseNoParams,
  parsePageParams
} from "@backup-catalog/core/http"

/** How a request for an operation is read. */
interface OperationRules {
  /** The query parameters that it has; all others are refused. */
  readonly params: ParseParams<unknown>
  /** Whether it has a request body; one is refused where it has none. */
  readonly takesBody: boolean
  /**
   * Whether it is a write that compares tags, with `If-Match` and `If-None-Match`; they are refused with any other
   * write.
   */
  readonly takesConditions: boolean
  /** Whether it counts against the list requests that an account may send in a minute. */
  readonly countsAsList: boolean
}

/** How requests for the operations under an account are read; who may send them is said by `policy`. */
export const accountOperations: Readonly<Record<AccountOperation, OperationRules>> = {
  list: { params: parseListParams, takesBody: false, takesConditions: false, countsAsList: true },
  register: { params: parseNoParams, takesBody: true, takesConditions: false, countsAsList: false },
  show: { params: parseNoParams, takesBody: false, takesConditions: false, countsAsList: false },
  upsert: { params: parseNoParams, takesBody: true, takesConditions: true, countsAsList: false },
  remove: { params: parseNoParams, takesBody: false, takesConditions: true, countsAsList: false },
  listDescendants: { params: parsePageParams, takesBody: false, takesConditions: false, countsAsList: true },
  history: { params: parsePageParams, takesBody: false, takesConditions: false, countsAsList: true },

  listInstances: { params: parseInstancesParams, takesBody: false, takesConditions: false, countsAsList: true },
  showInstance: { params: parseNoParams, takesBody: false, takesConditions: false, countsAsList: false },
  listOfInstance: { params: parseInstanceListParams, takesBody: false, takesConditions: false, countsAsList: true },

  runImport: { params: parseImportParams, takesBody: true, takesConditions: false, countsAsList: false },
  listImports: { params: parseImportsParams, takesBody: false, takesConditions: false, countsAsList: true },
  showImport: { params: parseNoParams, takesBody: false, takesConditions: false, countsAsList: false },

  listCoverage: { params: parseCoverageParams, takesBody: false, takesConditions: false, countsAsList: true },
  forgetInstance: { params: parseNoParams, takesBody: false, takesConditions: false, countsAsList: false },
  showPolicy: { params: parseNoParams, takesBody: false, takesConditions: false, countsAsList: false },
  setPolicy: { params: parseNoParams, takesBody: true, takesConditions: false, countsAsList: false },

  limits: { params: parseNoParams, takesBody: false, takesConditions: false, countsAsList: false }
}
