import { describeBodies } from "../../client/test/importBodies.ts"
import { nodeFetch } from "../src/catalog/nodeFetch.ts"

describeBodies("the fetch of the program", nodeFetch)
