# Reads a List of reports, Pods and ReplicaSets. Prints, for the pods that the policy $policy failed, what to do with their owners:
# `restart NAMESPACE KIND/NAME`, or `leave NAMESPACE KIND/NAME REASON` where a rollout cannot update the pods.

def controller: .metadata.ownerReferences[]? | select(.controller);

def action($pod; $owner; $messages):
  if any($messages[]; contains("ClusterTrustBundle"))
  then ["leave", "Pod/\($pod.name)", "(the API server lacks the ClusterTrustBundle feature: re-creating the pod does not help)"]
  elif $owner == null
  then ["leave", "Pod/\($pod.name)", "(it has no owner: delete it and create it again)"]
  else
    "\($owner.kind)/\($owner.name)" as $name
    | if $owner.kind | IN("Deployment", "StatefulSet", "DaemonSet") then ["restart", $name]
      elif $owner.kind == "Job" then ["leave", $name, "(wait until it ends, or delete it)"]
      else ["leave", $name, "(kubectl rollout does not know this kind: restart it with its own tool, or delete its pods)"]
      end
  end;

(.items | map(select(.kind == "Pod" or .kind == "ReplicaSet")) | INDEX(.metadata.uid)) as $objects
| [
    .items[]
    | select(.kind == "Report" or .kind == "PolicyReport")
    | [.results[]? | select(.policy == $policy and .result == "fail") | .message // ""] as $messages
    | select($messages != [])
    # A pod that no longer exists needs no restart.
    | $objects[.scope.uid // ""] // empty
    | .metadata as $pod
    | ([controller] | first) as $owner
    # A ReplicaSet of a Deployment is restarted with it.
    | ([$owner, ($objects[$owner.uid // ""] // {} | controller)] | last) as $owner
    | action($pod; $owner; $messages)
    | [.[0], $pod.namespace, .[1:][]]
    | join(" ")
  ]
| unique[]
