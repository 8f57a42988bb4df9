//! The whole bundle on a real cluster: installed by Helm, asked over MCP, scraped, alerted about, damaged in
//! every way that its promises name, upgraded and removed.
//!
//! Run inside the node's network namespace; arguments are parts of scenarios' names:
//! `tests/cluster/cluster.sh exec -- cargo test --workspace --test system -- [NAME…]`

mod alerting;
mod apis;
mod callers;
mod children;
mod closed;
mod delivered;
mod install;
mod lifecycle;
mod measured;
mod operator;
mod outside;
mod privacy;
mod refused;
mod repair;
mod rolling;
mod search;
mod sinks;
mod site;
mod traces;

use std::{env, process::ExitCode, sync::Arc};

use icelocator_tests::{
    World,
    runner::{self, Step, scenario},
};

#[tokio::main]
async fn main() -> ExitCode {
    let wanted: Vec<String> = env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    match World::connect().await {
        Ok(world) => runner::run(Arc::new(world), steps(), &wanted).await,
        Err(error) => {
            eprintln!("no cluster to test on: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one list, to be read from top to bottom"
)]
fn steps() -> Vec<Step> {
    vec![
        Step::Stage {
            name: "From nothing to an answer",
            abreast: 1,
            scenarios: vec![
                scenario("install", install::helm_install_then_apply_then_ready),
                scenario(
                    "samples",
                    install::every_sample_is_accepted_and_the_readmes_runs,
                ),
            ],
        },
        // Alerts have to hold before they are told, and to be over before that is told.
        Step::Begin(scenario(
            "alerts",
            alerting::a_fault_fires_and_reaches_every_channel,
        )),
        Step::Stage {
            name: "While the operator is left alone",
            abreast: 5,
            scenarios: vec![
                scenario("dashboards", measured::every_dashboard_query_returns_data),
                scenario("search", search::both_tools_answer_through_the_service),
                scenario("any-replica", search::any_replica_answers_any_request),
                scenario("no-goodbye", search::sessions_without_goodbye_cost_nothing),
                scenario(
                    "scraped",
                    measured::every_series_of_the_catalogue_is_in_prometheus,
                ),
                scenario("traces", traces::one_trace_from_client_to_upstream),
                scenario("privacy", privacy::nothing_personal_leaves),
                scenario("deleted-children", repair::deleted_children_return),
                scenario("changed-children", repair::changed_children_are_mended),
                scenario("foreign-marks", repair::what_others_add_is_left_alone),
                scenario("rollout-restart", repair::a_rollout_restart_is_not_undone),
                scenario("scale", repair::the_scale_subresource_scales),
                scenario("prune", repair::what_is_switched_off_goes_and_returns),
                scenario("suspend", repair::suspended_means_no_pods_and_all_else_kept),
                scenario("rollout", rolling::a_new_spec_rolls_without_a_lost_call),
                scenario("drain", rolling::a_draining_pod_answers_what_it_was_asked),
                scenario("killed-pod", rolling::a_killed_pod_costs_a_retry_at_most),
                scenario("tokens", callers::tokens_come_and_go_without_a_restart),
                scenario(
                    "limits",
                    callers::limits_hold_over_all_replicas_and_change_without_a_restart,
                ),
                scenario(
                    "token-review",
                    callers::tokens_of_service_accounts_are_reviewed,
                ),
                scenario(
                    "profile",
                    site::a_changed_profile_rolls_once_and_a_broken_one_never_serves,
                ),
                scenario(
                    "budget",
                    site::a_site_at_an_address_is_asked_within_its_budget,
                ),
                scenario("texts", site::texts_of_ones_own_are_told_and_replaced),
                scenario("people", site::people_from_a_file_are_there_and_change),
                scenario("left", site::a_call_whose_caller_left_is_given_up),
                scenario("schema", refused::the_schema_refuses_with_the_fields_name),
                scenario("fail-closed", closed::what_cannot_be_honoured_gets_no_pods),
                scenario(
                    "fail-closed-later",
                    closed::what_can_no_longer_be_honoured_loses_its_pods,
                ),
                scenario("extras", closed::monitoring_extras_are_named_and_do_no_harm),
                scenario(
                    "sink-secrets",
                    sinks::secrets_of_sinks_are_taken_up_by_pods_that_run,
                ),
                scenario("keyring", sinks::pods_wait_for_the_keys_of_pseudonyms),
                scenario(
                    "network-policy",
                    sinks::a_network_policy_is_made_and_taken_away,
                ),
                scenario(
                    "profiles",
                    sinks::profiles_are_announced_on_pods_with_a_token_of_their_own,
                ),
                scenario(
                    "missing-secret",
                    refused::a_missing_secret_heals_when_it_appears,
                ),
                scenario(
                    "conflict",
                    refused::what_someone_else_owns_is_never_taken_over,
                ),
                scenario(
                    "imposter",
                    refused::pods_that_do_not_speak_mcp_are_not_verified,
                ),
                scenario(
                    "one-bad",
                    refused::one_bad_resource_does_not_block_the_others,
                ),
            ],
        },
        Step::Stage {
            name: "What is done to the operator",
            abreast: 1,
            scenarios: vec![
                scenario("quiet", operator::nothing_is_written_when_nothing_changed),
                scenario(
                    "operator-killed",
                    operator::killed_in_the_middle_it_completes_the_work,
                ),
                scenario("two-operators", operator::two_operators_never_both_write),
                scenario("outside", outside::the_operator_works_as_well),
                scenario("upgrade", lifecycle::helm_upgrade_brings_the_crd_along),
                scenario(
                    "namespaced",
                    lifecycle::a_namespaced_install_has_no_cluster_wide_rights,
                ),
                scenario(
                    "uninstall",
                    lifecycle::helm_uninstall_keeps_resources_and_their_pods,
                ),
            ],
        },
        // What others look for in the collector's log would be gone from it.
        Step::Stage {
            name: "Everything that is sent",
            abreast: 1,
            scenarios: vec![scenario(
                "delivered",
                delivered::every_sink_gets_its_share_and_none_can_harm,
            )],
        },
        // Takes everybody's alert rules away for a while.
        Step::Await,
        Step::Stage {
            name: "What is done to the cluster",
            abreast: 1,
            scenarios: vec![
                scenario("missing-api", apis::an_api_that_appears_is_picked_up),
                scenario("datadog", sinks::datadogs_kinds_are_used_when_they_appear),
            ],
        },
    ]
}
