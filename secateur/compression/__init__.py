"""Structured pruning: dependency groups, surgery, cost, importance, policies, recovery.

The order of use::

    plan = SurgeryPlan.of(network, input_shape)         # once a network
    cost = CostModel.of(network, plan, input_shape)     # once a network
    scores = importance.l1(network, plan)               # once a set of weights
    allowed = policy.allowed_widths(plan.groups)
    widths = policy.decide(Limits.of(cost, target), allowed, ratios)
    pruned = plan.prune(network, importance.keep(scores, widths))
    recovery.recalibrate(pruned, batches)
"""
