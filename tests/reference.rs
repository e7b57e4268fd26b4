//! The reference cases that come with the repository, and the runner itself:
//! that it finds what differs, skips what it cannot run, and refuses what is
//! no file of cases.

use std::path::PathBuf;

use serde_json::{Value as Json, json};
use wengert_tests::conformance::{Report, What, command, run};

fn data(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "data", name].iter().collect()
}

/// All pass that are supported, and support does not shrink.
fn conforms(name: &str, at_least: usize) {
    let report = run(&[data(name)]).unwrap();
    println!("{report}");
    let failed: Vec<String> = report
        .mismatches()
        .iter()
        .flatten()
        .map(|m| m.to_string())
        .collect();
    assert_eq!(report.failed(), 0, "{}", failed.join("\n"));
    assert!(
        report.passed() >= at_least,
        "{} cases of {name} are supported, and {at_least} were",
        report.passed()
    );
}

#[test]
fn operations_agree_with_pytorch() {
    conforms("public.jsonl.gz", 1204);
}

#[test]
fn unusual_calls_agree_with_pytorch() {
    conforms("more.jsonl", 20);
}

#[test]
fn layers_and_losses_agree_with_pytorch() {
    conforms("layers.jsonl.gz", 297);
}

#[test]
fn optimisers_agree_with_pytorch() {
    conforms("optim.jsonl.gz", 22);
}

/// x0 x1 at (2, 3), with everything that a case may give.
fn product() -> Json {
    json!({
        "id": "mul/00", "op": "mul", "tags": [],
        "inputs": [
            {"name": "input", "shape": [2], "dtype": "float64", "data": [2.0, -1.0], "requires_grad": true},
            {"name": "other", "shape": [], "dtype": "float64", "data": [3.0], "requires_grad": true}
        ],
        "kwargs": {}, "call": {"args": [{"$t": 0}, {"$t": 1}], "kwargs": {}},
        "pre": {}, "pre_args": {}, "post": null,
        "outputs": [{"shape": [2], "dtype": "float64", "data": [6.0, -3.0]}],
        "cotangents": [[1.0, 2.0]],
        "grads": [[3.0, 6.0], [0.0]],
        "directions": [[1.0, 0.0], [0.5]],
        "second_order": [[0.5, 1.0], [1.0]],
        "jvp": [[4.0, -0.5]],
        "check": {"grad": "ok", "second": "ok", "jvp": "ok"}, "notes": []
    })
}

/// The report on records, through a file.
fn report(records: &[Json]) -> Report {
    let file = tempfile::Builder::new()
        .suffix(".jsonl")
        .tempfile()
        .unwrap();
    let lines: Vec<String> = records.iter().map(Json::to_string).collect();
    std::fs::write(file.path(), lines.join("\n")).unwrap();
    run(&[file.path()]).unwrap()
}

#[test]
fn a_right_case_passes_in_any_memory_layout() {
    let mut reversed = product();
    reversed["inputs"][0]["layout"] = json!({"strides": [-3]});
    let report = report(&[product(), reversed]);
    assert_eq!(
        (report.passed(), report.failed(), report.skipped()),
        (2, 0, 0)
    );
}

#[test]
fn one_wrong_number_is_found_and_named() {
    for (field, place, array, index) in [
        ("outputs", "/outputs/0/data/1", 0, vec![1]),
        ("grads", "/grads/0/1", 0, vec![1]),
        ("grads", "/grads/1/0", 1, vec![]),
        ("second_order", "/second_order/0/0", 0, vec![0]),
        ("second_order", "/second_order/1/0", 1, vec![]),
        ("jvp", "/jvp/0/0", 0, vec![0]),
    ] {
        let mut case = product();
        let number = case.pointer_mut(place).unwrap();
        let right = number.as_f64().unwrap();
        let wrong = right + 1e-7;
        *number = json!(wrong);
        let report = report(&[case]);
        let found: Vec<_> = report.mismatches().iter().flatten().collect();
        assert_eq!(found.len(), 1, "{place}");
        assert_eq!((found[0].field, found[0].array), (field, array));
        let expected = What::Number {
            index,
            got: right,
            want: wrong,
        };
        assert_eq!(found[0].what, expected);
        assert!(
            found[0]
                .to_string()
                .starts_with(&format!("mul/00 {field}[{array}] at "))
        );
    }
}

#[test]
fn a_wrong_shape_is_found_even_with_the_right_numbers() {
    let mut case = product();
    case["outputs"][0]["shape"] = json!([1, 2]);
    let report = report(&[case]);
    let what = &report.mismatches()[0][0].what;
    assert_eq!(
        *what,
        What::Shape {
            got: vec![2],
            want: vec![1, 2]
        }
    );
}

#[test]
fn doubtful_elements_count_as_conventions_and_values_never() {
    let mut kink = product();
    kink["grads"][0][1] = json!(7.0);
    kink["check"]["kink"] = json!([[0, 1]]);
    let passed = report(&[kink.clone()]);
    let (_, row) = passed.rows().next().unwrap();
    assert_eq!((row.passed, row.conventions), (1, 1));
    kink["check"]["kink"] = json!([[0, 0]]);
    assert_eq!(report(&[kink]).failed(), 1);

    let mut value = product();
    value["outputs"][0]["data"][0] = json!(6.1);
    value["check"]["kink"] = json!(["..."]);
    value["tags"] = json!(["extremal"]);
    assert_eq!(report(&[value]).failed(), 1);
}

#[test]
fn a_tolerance_of_the_case_widens_that_field_alone() {
    let mut case = product();
    case["rtol"] = json!({"grads": 1e-6});
    case["grads"][0][0] = json!(3.0 + 1e-7);
    assert_eq!(report(&[case.clone()]).passed(), 1);
    case["jvp"][0][0] = json!(4.0 + 1e-7);
    assert_eq!(report(&[case]).failed(), 1);
}

#[test]
fn what_is_not_offered_is_skipped_by_name() {
    let mut keyword = product();
    keyword["call"]["kwargs"]["out"] = json!(1);
    let mut unknown = product();
    unknown["op"] = json!("no_such_op");
    let mut prepared = product();
    prepared["pre_args"] = json!({"0": "shuffle(x)"});
    let mut finished = product();
    finished["post"] = json!("sorted");
    let mut foreign = product();
    foreign["outputs"][0]["dtype"] = json!("complex128");
    let report = report(&[keyword, unknown, prepared, finished, foreign]);
    assert_eq!(
        (report.passed(), report.failed(), report.skipped()),
        (0, 0, 5)
    );
    let reasons: Vec<&str> = report.reasons().map(|(_, reason, _)| reason).collect();
    for reason in [
        "argument `out`",
        "not offered",
        "outputs as `sorted`",
        "outputs of type complex128",
    ] {
        assert!(reasons.contains(&reason), "{reasons:?}");
    }
    let last = report.to_string().lines().last().unwrap().to_string();
    assert_eq!(last, "0 passed, 0 failed, 5 skipped");
}

/// Two frameworks side by side say what they chose, not what is right: such a
/// file is no reason to stop, and nothing in it counts as passed.
#[test]
fn hard_points_are_counted_and_skipped() {
    let report = run(&[data("edge.jsonl.gz")]).unwrap();
    let counts = (report.passed(), report.failed(), report.skipped());
    assert_eq!(counts, (0, 0, 319));
    for (group, reason, ids) in report.reasons() {
        assert!(group.starts_with("edge/"), "{group}");
        assert!(reason.contains("tests/edge"), "{reason}");
        let group = &group["edge/".len()..];
        assert!(
            ids.iter().all(|id| id.starts_with(group)),
            "{group}: {ids:?}"
        );
    }
}

/// Exit code, standard output, standard error.
fn shell(files: &[PathBuf]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = command(files, &mut out, &mut err).unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (code, text(out), text(err))
}

#[test]
fn exit_codes_say_what_happened() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let right = product().to_string();
    let (code, out, _) = shell(&[file("right.jsonl", right.as_bytes())]);
    assert_eq!(
        (code, out.lines().last()),
        (0, Some("1 passed, 0 failed, 0 skipped"))
    );

    let mut wrong = product();
    wrong["jvp"][0][0] = json!(5.0);
    let (code, out, _) = shell(&[file("wrong.jsonl", wrong.to_string().as_bytes())]);
    assert_eq!(
        (code, out.lines().last()),
        (1, Some("0 passed, 1 failed, 0 skipped"))
    );
    assert!(
        out.contains("mul/00 jvp[0] at [0]: got 4.0, want 5.0"),
        "{out}"
    );

    let mut short = product();
    short["jvp"] = json!([]);
    let packed = std::fs::read(data("optim.jsonl.gz")).unwrap();
    for (files, message) in [
        (vec![], "no files given"),
        (
            vec![directory.path().join("absent.jsonl")],
            "absent.jsonl: No such file",
        ),
        (vec![directory.path().to_path_buf()], "Is a directory"),
        (
            vec![file("plain.jsonl.gz", b"{}\n")],
            "plain.jsonl.gz: is not gzip",
        ),
        (
            vec![file("cut.jsonl.gz", &packed[..packed.len() / 2])],
            "cut.jsonl.gz: ",
        ),
        (
            vec![file("bytes.jsonl", b"\n\xff\n")],
            "bytes.jsonl:2: is not UTF-8",
        ),
        (
            vec![file("empty.jsonl", b"\n")],
            "empty.jsonl: holds no records",
        ),
        (
            vec![file(
                "damaged.jsonl",
                format!("{right}\n{}\n", &right[..40]).as_bytes(),
            )],
            "damaged.jsonl:2: is not JSON: ",
        ),
        (
            vec![file("other.jsonl", b"{\"id\": 1}")],
            "other.jsonl:1: is none of the known kinds",
        ),
        (
            vec![file("number.jsonl", b"3")],
            "number.jsonl:1: is none of the known kinds",
        ),
        (
            vec![file(
                "nameless.jsonl",
                br#"{"expr": "relu(x)", "torch": {}, "jax": {}}"#,
            )],
            "nameless.jsonl:1: `group` is not a word",
        ),
        (
            vec![file("short.jsonl", short.to_string().as_bytes())],
            "short.jsonl:1: `jvp` does not have 1 entries",
        ),
    ] {
        let (code, out, err) = shell(&files);
        assert_eq!((code, &out[..]), (2, ""), "{message}");
        assert!(err.contains(message), "{err} does not say {message}");
        assert_eq!(err.lines().count(), 1, "{err}");
    }
}
