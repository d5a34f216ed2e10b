-- Agrees with kstatus, and so with Flux and `helm --wait`: Ready is Healthy, Reconciling is Progressing, Stalled is Degraded.
-- What waits for a person, and not for time, is Suspended: Argo CD waits for it too, and people see that it is their turn.
-- Argo CD opens neither the `string` nor the `io` library for this script.
local health = {status = "Progressing", message = "the operator has not looked at this generation yet"}

local status = obj.status
if status == nil or status.conditions == nil or status.observedGeneration ~= obj.metadata.generation then
  return health
end

local true_ones = {}
for _, condition in ipairs(status.conditions) do
  if condition.status == "True" then
    true_ones[condition.type] = condition
  end
end

local function verdict(name, condition)
  health.status = name
  health.message = condition.reason .. ": " .. condition.message
  return health
end

local persons_turn = {
  Suspended = true,
  Frozen = true,
  TooManyStranded = true,
  PlanDrifted = true,
  RegistryReplaced = true,
}

if true_ones.Stalled ~= nil then
  return verdict("Degraded", true_ones.Stalled)
elseif true_ones.Reconciling ~= nil then
  return verdict(persons_turn[true_ones.Reconciling.reason] and "Suspended" or "Progressing", true_ones.Reconciling)
elseif true_ones.Ready ~= nil then
  return verdict("Healthy", true_ones.Stranded or true_ones.Ready)
end
return health
