# Reads a List of reports, Pods and ReplicaSets, and prints what to restart, one `NAMESPACE KIND/NAME` a line: the owners of
# the pods that the policy $policy failed. Pods that no rollout can renew are printed as `NAMESPACE - Pod/NAME`.

def controller: .metadata.ownerReferences[]? | select(.controller);

(.items | map(select(.kind == "Pod" or .kind == "ReplicaSet")) | INDEX(.metadata.uid)) as $objects
| [
    .items[]
    | select(.kind == "Report" or .kind == "PolicyReport")
    | select(any(.results[]?; .policy == $policy and .result == "fail"))
    # A pod that has gone meanwhile needs no restart.
    | $objects[.scope.uid // ""] // empty
    | .metadata as $pod
    | ([controller] | first) as $owner
    # A ReplicaSet of a Deployment is restarted with it.
    | ([$owner, ($objects[$owner.uid // ""] // {} | controller)] | last) as $owner
    | if ($owner.kind // "") | IN("Deployment", "StatefulSet", "DaemonSet")
      then "\($pod.namespace) \($owner.kind)/\($owner.name)"
      else "\($pod.namespace) - Pod/\($pod.name)"
      end
  ]
| unique[]
