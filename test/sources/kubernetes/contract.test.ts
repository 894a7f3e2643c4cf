import { FakeApiServer } from "../../support/fakeApiServer.ts";
import { describeSource } from "./contract.ts";

describeSource("the Kubernetes source against the fake API server", () => FakeApiServer.start());
