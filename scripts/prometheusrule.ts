// Makes deploy/prometheusrule.yaml, for the Prometheus Operator, from deploy/recording-rules.yaml.
import { readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";

const HEAD = "# Made from deploy/recording-rules.yaml: `npm run -s prometheusrule`. The operator picks up rules with the labels that its Prometheus selects.\n";

const { groups } = parse(readFileSync("deploy/recording-rules.yaml", "utf8")) as { readonly groups: unknown };
const resource = { apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule", metadata: { name: "mtlscope", labels: { "app.kubernetes.io/name": "mtlscope" } }, spec: { groups } };
writeFileSync("deploy/prometheusrule.yaml", HEAD + stringify(resource, { lineWidth: 0 }));
