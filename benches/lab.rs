//! How long the image-metadata lab takes, whole processes, on the local AWS: with answers at once,
//! and with 50 ms to each request, which shows how deep the requests stand.
//!
//! `cargo bench` prints one line per verb: median of the runs, requests, peak memory. Nothing is
//! asserted: a busy machine is no failure.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on says where by itself"
)]

#[allow(
    dead_code,
    unused_imports,
    reason = "what the tests share is not all needed here"
)]
#[path = "../tests/it/support/mod.rs"]
mod support;

#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "what the tests share is not all needed here"
)]
#[path = "../tests/it/kinds/mod.rs"]
mod kinds;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::emulator::emulator;
use support::proxy::{Asked, Proxy};
use support::{Lab, World};

/// Runs of each verb.
const RUNS: usize = 5;
/// The verb before which a function's file is changed: its path, and a line that occurs once and gets an empty one after.
const CHANGED: &str = "deploy, one function changed";
const HANDLER: (&str, &str) = ("lambdas/extract-metadata/app.py", "import boto3\n");
/// Runs a program and prints its peak memory in KiB: python3 is there wherever the local AWS is.
const MEASURE: &str = "import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";

struct Measured {
    seconds: f64,
    requests: usize,
    mutating: usize,
    memory: u64,
}

fn main() {
    let world = World::new("benchmark");
    let lab = Lab::copy(&world);
    let stack = &lab.stack();
    let steps: [(&str, &[&str]); 5] = [
        ("deploy", &["deploy", stack, "--yes"]),
        ("plan, nothing to change", &["plan", stack]),
        ("deploy, nothing to change", &["deploy", stack, "--yes"]),
        (CHANGED, &["deploy", stack, "--yes"]),
        ("destroy", &["destroy", "image-metadata", "--yes"]),
    ];
    let proxy = Proxy::in_rounds(&emulator().running.endpoint);
    println!("{:28}{:>10}{:>10}", "", "requests", "chain");
    for (name, arguments) in &steps {
        change(&lab, name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_treino"));
        let ran = proxy.runs(asking(&world, &proxy, &mut command, arguments));
        assert_eq!(ran.code, 0, "{arguments:?} failed");
        let Asked { requests, chain } = Asked::of(&proxy.take());
        println!("{name:28}{requests:>10}{chain:>10}");
    }
    for delay in [0, 50] {
        let proxy = Proxy::slow(&emulator().running.endpoint, Duration::from_millis(delay));
        println!("\n{delay} ms a request, median of {RUNS}:");
        println!(
            "{:28}{:>9}{:>10}{:>10}{:>10}",
            "", "seconds", "requests", "mutating", "MiB"
        );
        let mut all: Vec<Vec<Measured>> = steps.iter().map(|_| Vec::new()).collect();
        for _ in 0..RUNS {
            for (index, (name, arguments)) in steps.iter().enumerate() {
                change(&lab, name);
                all[index].push(measure(&world, &proxy, arguments));
            }
        }
        for ((name, _), mut runs) in steps.iter().zip(all) {
            runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
            let median = &runs[RUNS / 2];
            let memory = runs.iter().map(|run| run.memory).max().unwrap_or(0) / 1024;
            println!(
                "{name:28}{:>9.2}{:>10}{:>10}{memory:>10}",
                median.seconds, median.requests, median.mutating
            );
        }
    }
}

/// Changes a function before the verb that is to see it.
fn change(lab: &Lab, verb: &str) {
    if verb == CHANGED {
        lab.edit(HANDLER.0, HANDLER.1, &format!("{}\n", HANDLER.1));
    }
}

/// The command with these arguments, at the proxy.
fn asking<'c>(
    world: &World,
    proxy: &Proxy,
    command: &'c mut Command,
    arguments: &[&str],
) -> &'c mut Command {
    command
        .args(arguments)
        .args(["--endpoint-url", &proxy.endpoint])
        .env("AWS_ACCESS_KEY_ID", &world.account)
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env("AWS_REGION", "us-east-1")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null())
}

fn measure(world: &World, proxy: &Proxy, arguments: &[&str]) -> Measured {
    proxy.take();
    let mut command = Command::new("python3");
    command.args(["-c", MEASURE, env!("CARGO_BIN_EXE_treino")]);
    asking(world, proxy, &mut command, arguments);
    let began = Instant::now();
    let output = command.output().expect("python3 runs");
    let seconds = began.elapsed().as_secs_f64();
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<u64> = text
        .split_whitespace()
        .filter_map(|n| n.parse().ok())
        .collect();
    assert_eq!(numbers.first(), Some(&0), "{arguments:?} failed");
    let calls = proxy.take();
    Measured {
        seconds,
        requests: calls.len(),
        mutating: calls.iter().filter(|call| call.mutating).count(),
        memory: numbers.get(1).copied().unwrap_or(0),
    }
}
