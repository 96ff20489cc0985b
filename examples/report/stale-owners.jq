# Reads a List of reports, Pods, their owners, and ClusterAdmissionPolicies. Prints, for the pods that the policy $policy failed, what to do
# with their owners: `restart NAMESPACE KIND/NAME`, or `leave NAMESPACE KIND/NAME REASON` where a rollout cannot update the pods.

def controller: .metadata.ownerReferences[]? | select(.controller);

def restarted_at: .metadata.annotations["kubectl.kubernetes.io/restartedAt"]?;

# In seconds. kubectl writes the time of a restart with a zone, 2026-11-29T10:00:00+01:00, and the API server writes others in UTC.
def seconds:
  capture("^(?<time>[^.Z+]+?)(?<fraction>[.][0-9]+)?(?<zone>Z|(?<sign>[+-])(?<hours>[0-9]{2}):(?<minutes>[0-9]{2}))$")
  | (if .zone == "Z" then 0
     else ((.hours | tonumber) * 3600 + (.minutes | tonumber) * 60) * (if .sign == "-" then -1 else 1 end)
     end) as $offset
  | (.time + "Z" | fromdateiso8601) - $offset;

# When the policy itself was last changed, its status aside; 0 if nobody knows.
def changed_at($policy):
  [ .items[]
    | select(.kind == "ClusterAdmissionPolicy" and "clusterwide-" + .metadata.name == $policy)
    | .metadata.managedFields[]? | select(.subresource == null) | .time | seconds
  ] | max // 0;

# Whether a pod is as its owner makes it since a restart that came after the last change of the policy.
def restart_did_not_help($pod; $owner; $changed_at):
  ([($owner.spec.template // {} | restarted_at), ($pod | restarted_at)] | map(select(. != null)) | first) as $restarted_at
  | $restarted_at != null
    and ($restarted_at | seconds) >= $changed_at
    and ($pod.metadata.creationTimestamp // "" | try seconds catch 0) >= ($restarted_at | seconds);

def action($pod; $reference; $owner; $messages; $changed_at):
  if any($messages[]; contains("ClusterTrustBundle"))
  then ["leave", "Pod/\($pod.metadata.name)", "(the API server lacks the ClusterTrustBundle feature: re-creating the pod does not help)"]
  elif any($messages[]; startswith("cannot be re-created"))
  then ["leave", "Pod/\($pod.metadata.name)", "(it cannot be created again, because its profile no longer exists: change its annotation first)"]
  elif $reference == null
  then ["leave", "Pod/\($pod.metadata.name)", "(it has no owner: delete it and create it again)"]
  else
    "\($reference.kind)/\($reference.name)" as $name
    | if $reference.kind | IN("Deployment", "StatefulSet", "DaemonSet")
      then
        if restart_did_not_help($pod; $owner; $changed_at)
        then ["leave", $name, "(its pods are younger than its last restart: a restart did not help)"]
        else ["restart", $name]
        end
      elif $reference.kind == "Job" then ["leave", $name, "(wait until it ends, or delete it)"]
      else ["leave", $name, "(kubectl rollout does not know this kind: restart it with its own tool, or delete its pods)"]
      end
  end;

changed_at($policy) as $changed_at
| (.items | map(select(.metadata.uid != null)) | INDEX(.metadata.uid)) as $objects
| [
    .items[]
    | select(.kind == "Report" or .kind == "PolicyReport")
    | [.results[]? | select(.policy == $policy and .result == "fail") | .message // ""] as $messages
    | select($messages != [])
    # A pod that no longer exists needs no restart.
    | $objects[.scope.uid // ""] // empty
    | . as $pod
    | ([controller] | first) as $reference
    # A ReplicaSet of a Deployment is restarted with it.
    | ([$reference, ($objects[$reference.uid // ""] // {} | controller)] | last) as $reference
    | action($pod; $reference; $objects[$reference.uid // ""] // {}; $messages; $changed_at)
    | [.[0], $pod.metadata.namespace, .[1:][]]
    | join(" ")
  ]
| unique
# An owner with a pod that a restart would update is restarted.
| (map(select(startswith("restart ")) | ltrimstr("restart "))) as $restarted
| .[]
| select(. as $line | all($restarted[]; . as $owner | $line | startswith("leave \($owner) (its pods are younger") | not))
