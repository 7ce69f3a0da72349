import { describeBodies } from "../../client/test/importBodies.ts"
import { nodeFetch } from "../src/nodeFetch.ts"

describeBodies("the fetch of the program", nodeFetch)
