import type { NodeView } from "#view";
import { nodeName } from "../address/scope.ts";
import { NODE_KIND } from "../words.ts";

/** Namespace quiet, name plain: the eye finds the name, and nothing is left out. However it is written, it turns around nothing beside it. */
export function NodeName({ node, id }: { readonly node: NodeView | undefined; readonly id: string }) {
  if (node === undefined || node.kind !== "workload") {
    const name = nodeName(node, id);
    return (
      <bdi dir="ltr" className="italic" title={node === undefined ? id : `${NODE_KIND[node.kind]}: ${name}`}>
        {name}
      </bdi>
    );
  }
  return (
    <bdi dir="ltr" className="font-mono" title={nodeName(node, id)}>
      <span className="font-normal text-quiet">{node.namespace}/</span>
      <wbr />
      {node.name}
    </bdi>
  );
}
