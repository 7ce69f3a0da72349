import { describeBodies } from "./importBodies.ts"

describeBodies("the fetch of Node")
