use super::*;

#[test]
fn every_method_shows_in_its_row() {
    let metrics = Metrics::default();
    let second = Duration::from_secs(1);
    metrics.request("acme", "User.patch", "ok", second);
    metrics.call("acme", "User.get", "200", second);
    metrics.retry("acme", "User.get");
    metrics.joined("acme", "User.get");
    metrics.leftover("acme", "User.create.undo");
    metrics.credential_refused("acme");
    metrics.breaker("acme").open(true);
    metrics.breaker("acme").tried();
    metrics.unmapped("acme", "User", 3);
    metrics.leniency("acme", "op_case", 2);
    metrics.outside("acme", "User", "skip");
    metrics.leftover("acme", "User.create.seat");
    metrics.unreadable("acme", "active");
    metrics.unshown("acme", "userName");
    metrics.reload("acme", "mapping", true, 2);
    metrics.reload("acme", "mapping", false, 2);
    metrics.store_commit(true, second);
    metrics.store_commit(false, second);
    metrics.store_batch("ok", 3);
    metrics.store_batch("conflict", 0);
    metrics.auth_failure("acme", "unknown");
    metrics.audited(2, "s", "aa", 2);
    metrics.audit_works(true);
    metrics.guard("acme").stands(3, true);
    metrics.guard("acme").refused();
    metrics.second_look("acme", "repaired");
    metrics.unshared("acme");
    metrics.journal("t", 1, 0, Some(7));
    metrics.differs("t", 2);
    metrics.store_size(4_096);
    metrics.journal_received("t");
    metrics.journal_acknowledged("t");
    metrics.journal_delivered("t");
    metrics.journal_dead("t", "refused");
    metrics.certificate_expiry(1_800_000_000);
    let open = metrics.connection("scim");
    let text = metrics.render();
    for line in [
        r#"scimshim_requests_total{operation="User.patch",outcome="ok",tenant="acme"} 1"#,
        r#"scimshim_request_duration_seconds_count{operation="User.patch",outcome="ok",tenant="acme"} 1"#,
        r#"scimshim_vendor_calls_total{call="User.get",status="200",tenant="acme"} 1"#,
        r#"scimshim_vendor_call_duration_seconds_count{call="User.get",status="200",tenant="acme"} 1"#,
        r#"scimshim_vendor_credential_refused_total{tenant="acme"} 1"#,
        r#"scimshim_vendor_retries_total{call="User.get",tenant="acme"} 1"#,
        r#"scimshim_vendor_calls_joined_total{call="User.get",tenant="acme"} 1"#,
        r#"scimshim_leftovers_total{call="User.create.undo",tenant="acme"} 1"#,
        r#"scimshim_vendor_breaker_state{tenant="acme"} 2"#,
        r#"scimshim_vendor_breaker_opens_total{tenant="acme"} 1"#,
        r#"scimshim_unmapped_attributes_total{resource="User",tenant="acme"} 3"#,
        r#"scimshim_leniencies_total{leniency="op_case",tenant="acme"} 2"#,
        r#"scimshim_outside_total{resource="User",tenant="acme",then="skip"} 1"#,
        r#"scimshim_leftovers_total{call="User.create.seat",tenant="acme"} 1"#,
        r#"scimshim_unreadable_values_total{attribute="active",tenant="acme"} 1"#,
        r#"scimshim_unshown_changes_total{attribute="userName",tenant="acme"} 1"#,
        r#"scimshim_reloads_total{result="refused",tenant="acme",what="mapping"} 1"#,
        r#"scimshim_reload_generation{tenant="acme",what="mapping"} 2"#,
        r#"scimshim_store_commits_total{result="failed"} 1"#,
        r#"scimshim_store_commit_duration_seconds_count{result="ok"} 1"#,
        r#"scimshim_store_batches_total{result="conflict"} 1"#,
        "scimshim_store_rows_total 3",
        "scimshim_audit_lines_total 2",
        r#"scimshim_audit_head{hash="aa",strand="s"} 2"#,
        "scimshim_audit_works 1",
        r#"scimshim_auth_failures_total{reason="unknown",tenant="acme"} 1"#,
        r#"scimshim_connections{listener="scim"} 1"#,
        r#"scimshim_guard_tripped{tenant="acme"} 1"#,
        r#"scimshim_guard_counted{tenant="acme"} 3"#,
        r#"scimshim_guard_refused_total{tenant="acme"} 1"#,
        r#"scimshim_limits_unshared_total{tenant="acme"} 1"#,
        r#"scimshim_second_look_total{result="repaired",tenant="acme"} 1"#,
        r#"scimshim_journal_entries{state="pending",tenant="t"} 1"#,
        r#"scimshim_journal_oldest_pending_timestamp_seconds{tenant="t"} 7"#,
        r#"scimshim_replicas_differ{tenant="t"} 2"#,
        "scimshim_store_bytes 4096",
        r#"scimshim_journal_received_total{tenant="t"} 1"#,
        r#"scimshim_journal_acknowledged_total{tenant="t"} 1"#,
        r#"scimshim_journal_delivered_total{tenant="t"} 1"#,
        r#"scimshim_journal_dead_total{reason="refused",tenant="t"} 1"#,
        "scimshim_certificate_expiry_seconds 1800000000",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line} is missing in\n{text}");
    }
    for row in TABLE {
        let shown = format!("# TYPE {} {}", row.name, row.kind.word());
        assert!(text.contains(&shown), "{shown} is missing");
    }
    metrics.audited(1, "s", "bb", 3);
    let shown = metrics.render();
    let heads = shown.lines().filter(|line| line.starts_with("scimshim_audit_head{"));
    assert_eq!(heads.collect::<Vec<_>>(), [r#"scimshim_audit_head{hash="bb",strand="s"} 3"#]);
    drop(open);
    assert!(metrics.render().contains(r#"scimshim_connections{listener="scim"} 0"#));
}
