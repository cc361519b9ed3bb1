//! Every latency of the world with its default and the source of it. Nowhere else stands one.
//!
//! Where a source gives one figure, the spread is that of the best measured whole: queued to
//! running on r6in.large takes 42 s at the median and 60 s at p99, a ratio of 1.43; stages that add
//! up to it vary more, so a stage known by its median alone gets a p99 of 1.6 times that.

use super::sources::latencies;
use super::{Distribution, Sourced};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const VALID: &str = "the figures of a default are valid";

fn constant(s: f64) -> Distribution {
    Distribution::constant(s).expect(VALID)
}

fn uniform(min_s: f64, max_s: f64) -> Distribution {
    Distribution::uniform(min_s, max_s).expect(VALID)
}

fn log_normal(p50_s: f64, p99_s: f64) -> Distribution {
    Distribution::log_normal(p50_s, p99_s).expect(VALID)
}

fn empirical(points: &[(f64, f64)]) -> Distribution {
    Distribution::empirical(points.to_vec()).expect(VALID)
}

latencies! {
    /// EC2, up to the moment when the kernel of a machine runs.
    Ec2 {
        /// CreateFleet or RunInstances, until it answers.
        launch_call = log_normal(2.0, 4.8),
            from "fleet requested to instance pending 2 s on c6a.large (awslabs/node-latency-for-k8s README, 2022-12); RunInstances 1.54 s (daemonology.net 2021-08) to 4.8 s with a CLI's start (brevdev/ec2-coldboot-research, 2026-02), which is taken as p99";
        /// From pending until the machine is initialised and its kernel boots.
        pending = log_normal(11.0, 17.6),
            from "pending to VM initialised 10 and 12 s on c6a.large (awslabs/node-latency-for-k8s README); 12 and 16 s in awslabs/amazon-eks-ami#1099 and karpenter-provider-aws#3102; family and region make no difference (brevdev/ec2-coldboot-research, 2026-01)";
        /// From StartInstances on a stopped machine until the system is up.
        stopped_start = log_normal(21.2, 34.0),
            from "StartInstances to SSH 21.18 s on m7i.large (brevdev/ec2-coldboot-research, 2026-01); 20-30 s from a pool of stopped machines (frgrisk/github-runner-autoscaler#14, 2026-01)";
        /// StopInstances until the machine is stopped.
        stop = log_normal(20.0, 60.0),
            from "assumption: no public measurement was found; an orderly shutdown of a Linux node within a minute";
        /// TerminateInstances, until it answers. Billing ends here.
        terminate_call = log_normal(0.5, 2.0),
            from "assumption: an EC2 call that changes state without a placement decision; Karpenter batches it for 0.1 to 1 s (karpenter-provider-aws pkg/batcher/terminateinstances.go)";
        /// From shutting down until terminated, when its addresses are free again.
        terminate = log_normal(30.0, 90.0),
            from "assumption: no public measurement was found; Karpenter polls for the end every 5 s (karpenter pkg/controllers/node/termination)";
    }
}

latencies! {
    /// From the boot of the kernel to a node that takes pods, by image.
    Boot {
        /// Amazon Linux 2023 for EKS: until the kubelet is registered.
        al2023_registered = log_normal(10.0, 24.0),
            from "EC2 launched to registered 18 s in all, hence 8 s after the VM, on r6g.12xlarge (aws-samples/sample-multi-tenancy-openclaw-on-eks, 2026-03); slow end: 24 s from boot to kubelet start (awslabs/amazon-eks-ami#2210, 2025-04). With the stages before it the median node is ready after 31 s: new nodes typically take 30-40 s (karpenter-provider-aws#6165)";
        /// Amazon Linux 2023 for EKS: from registered until ready (VPC CNI).
        al2023_ready = log_normal(8.0, 19.0),
            from "4 s on c6a.large (awslabs/node-latency-for-k8s README), 19 s on r6g.12xlarge (aws-samples/sample-multi-tenancy-openclaw-on-eks, 2026-03), which is taken as p99";
        /// Amazon Linux 2 for EKS: until the kubelet is registered.
        al2_registered = log_normal(8.0, 22.0),
            from "8 and 7 s on c6a.large (awslabs/node-latency-for-k8s README); slow end: containerd to kubelet 22 s before its optimisation (awslabs/amazon-eks-ami#1099)";
        /// Amazon Linux 2 for EKS: from registered until ready (VPC CNI).
        al2_ready = log_normal(4.0, 6.4),
            from "4 s on c6a.large (awslabs/node-latency-for-k8s README)";
        /// Bottlerocket: until the kubelet is registered.
        bottlerocket_registered = log_normal(30.0, 48.0),
            from "41 s from the ASG's change to the kubelet, less 11 s for the machine (keikoproj/instance-manager#290, 2021-05: old; newer images may be faster)";
        /// Bottlerocket: from registered until ready.
        bottlerocket_ready = log_normal(30.0, 48.0),
            from "30 s from the kubelet to ready (keikoproj/instance-manager#290, 2021-05)";
        /// Windows Server for EKS: until the kubelet is registered.
        windows_registered = log_normal(310.0, 500.0),
            from "about 6 minutes in all even with baked images (karpenter-provider-aws#3798)";
        /// Windows Server for EKS: from registered until ready.
        windows_ready = log_normal(30.0, 48.0),
            from "part of the same 6 minutes (karpenter-provider-aws#3798)";
    }
}

latencies! {
    /// What some machines need on top.
    ExtraBoot {
        /// Bare metal.
        metal = log_normal(17.0, 27.2),
            from "58 s to ready on c6i.metal against 41 s on r6g.12xlarge in the same report (aws-samples/sample-multi-tenancy-openclaw-on-eks, 2026-03)";
        /// GPU machines and their image.
        gpu = log_normal(162.0, 259.0),
            from "queued to running p50 204 s on g6.4xlarge against 42 s on r6in.large, one job per instance";
        /// 16xlarge and larger (64 vCPU and more) on x86-64.
        large_x86 = log_normal(30.0, 48.0),
            from "queued to running p50 72 s on r6in.16xlarge against 42 s on r6in.large, one job per instance";
        /// 16xlarge and larger on arm64.
        large_arm = log_normal(6.0, 9.6),
            from "queued to running p50 48 s on r7g.16xlarge against 42 s on r6in.large, one job per instance";
        /// Making a RAID-0 of local NVMe disks.
        nvme_raid = uniform(6.0, 10.0),
            from "RAID-0 setup adds 6-10 s (karpenter-provider-aws#3827, 2023-04)";
    }
}

latencies! {
    /// Container images on a node that does nothing else.
    ImagePull {
        /// What a pull takes whatever the size.
        overhead = log_normal(7.4, 11.8),
            from "least squares through pulls on fresh nodes of 126 MB in 12 s, 432 MB in 17 s and 1,130 MB in 38 s (aws-samples/sample-multi-tenancy-openclaw-on-eks, 2026-03): 7.4 s + 26.6 s/GB";
        /// For each GB (10^9 bytes, compressed).
        per_gb = log_normal(26.6, 100.0),
            from "the same fit; slow end: 3 GB in just under 5 minutes (knechtions.com, 2026-03)";
        /// When the image is on the node.
        cached = constant(0.13),
            from "cached pull 0.13 s (aws-samples/sample-multi-tenancy-openclaw-on-eks, 2026-03)";
    }
}

latencies! {
    /// Pods, beside their images.
    Pod {
        /// From created until the scheduler first looks at it: watch and queue.
        seen = log_normal(0.05, 0.5),
            from "assumption: a watch event and one place in the scheduler's queue";
        /// Binding, once a node is chosen.
        bind = log_normal(0.02, 0.2),
            from "assumption: one call to the API server, whose objective is p99 under 1 s for one object (Kubernetes scalability SLOs)";
        /// From bound, image present, until its containers run.
        start = log_normal(2.0, 5.0),
            from "pod ready 2 s after its node on c6a.large (awslabs/node-latency-for-k8s README); p99 5 s is the pod start-up objective with images present (Kubernetes scalability SLOs)";
        /// From deleted until gone, when nothing holds it up.
        stop = log_normal(1.0, 5.0),
            from "assumption: a container that obeys SIGTERM";
    }
}

latencies! {
    /// The runner program.
    Runner {
        /// The call that makes a just-in-time configuration.
        jit_config_call = log_normal(0.7, 1.6),
            from "JIT config about 0.7 s (carbonrunner.io/stats)";
        /// From its container's start until it listens for a job.
        start = log_normal(2.0, 10.0),
            from "runner start about 2 s (carbonrunner.io/stats); slow end: a handshake of 10 s (meho)";
        /// From the end of the job until the runner has gone.
        clean_up = log_normal(1.0, 5.0),
            from "assumption: the last upload of logs and the end of a process";
    }
}

latencies! {
    /// GitHub's own delays.
    Github {
        /// From a job's queueing until the waiting poll of its runner set answers.
        queue_message = log_normal(1.0, 5.0),
            from "the listener is expected to act within 5 s (actions-runner-controller#3534), taken as p99";
        /// From capacity being there until GitHub names the runner.
        assignment = log_normal(0.5, 2.5),
            from "derived: job created to on runner p50 6 s, of which webhook 2 s, JIT config 0.7 s and runner start 2 s (carbonrunner.io/stats); the rest is shared with `job_message`";
        /// From assignment until the runner has the job.
        job_message = log_normal(0.5, 2.5),
            from "derived, see `assignment`";
        /// From a job's queueing at a GitHub-hosted class until its first step.
        hosted_start = empirical(&[(0.1, 2.0), (0.5, 3.0), (0.9, 33.0)]),
            from "894 jobs without predecessors on ubuntu-24.04 of bitcoin/bitcoin, 2025-09 to 2025-10: p10 2 s, p50 3 s, p90 33 s from the creation of the run (willcl-ark/bitcoin-core-ci-stats); beyond p90 the wait is a limit of the organisation, not a start";
        /// From a change of a job until its webhook arrives.
        webhook = empirical(&[(0.5, 2.0), (0.9, 3.0), (0.95, 162.0)]),
            from "p50 2 s, p90 3 s, p95 162 s (carbonrunner.io/stats); nothing is published beyond p95, so the table ends there";
    }
}

latencies! {
    /// Calls on the way to credentials.
    Identity {
        /// GitHub issues an OIDC token.
        oidc_token = log_normal(0.3, 1.5),
            from "assumption: one call across the internet; no public measurement was found";
        /// STS AssumeRoleWithWebIdentity, regional.
        sts = log_normal(0.15, 1.0),
            from "assumption: one regional call with a signature check; no public measurement was found";
        /// Vault logs a JWT in.
        vault_login = log_normal(0.05, 0.5),
            from "assumption: one call inside the network with a signature check and a write to storage; no public measurement was found";
        /// Vault revokes a token and its leases.
        vault_revoke = log_normal(0.05, 0.5),
            from "assumption: as `vault_login`";
    }
}

latencies! {
    /// Nodes on their way out.
    KubernetesNode {
        /// From cordoned until drained, when nothing on it holds it up.
        drain = log_normal(5.0, 10.0),
            from "Karpenter drains for at least 5 s (karpenter pkg/controllers/node/termination/controller.go)";
        /// From EC2 sending a notice until whoever listens has it.
        notice = log_normal(1.0, 5.0),
            from "assumption: an EventBridge rule and a waiting SQS poll (karpenter-provider-aws polls for 20 s at a time, so a message is met by an open poll)";
    }
}

/// How long everything takes. Each figure has a default with its source; `check-config` lists them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Latencies {
    /// EC2, up to the moment when the kernel of a machine runs.
    pub ec2: Ec2,
    /// From the boot of the kernel to a node that takes pods, by image.
    pub boot: Boot,
    /// What some machines need on top.
    pub extra: ExtraBoot,
    /// What a family needs on top, in place of everything in `extra`. Default: none.
    pub family: BTreeMap<String, Distribution>,
    /// Images of your own, by name. Default: none.
    pub image: BTreeMap<String, OwnImage>,
    /// Container images.
    pub image_pull: ImagePull,
    /// Pods, beside their images.
    pub pod: Pod,
    /// The runner program.
    pub runner: Runner,
    /// GitHub's own delays.
    pub github: Github,
    /// Calls on the way to credentials.
    pub identity: Identity,
    /// Nodes on their way out.
    pub node: KubernetesNode,
}

/// The boot of a machine image of your own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnImage {
    /// From the boot of the kernel until the kubelet is registered.
    pub registered: Distribution,
    /// From registered until ready.
    pub ready: Distribution,
}

impl Latencies {
    /// Every latency with its value and the source of its default, in the order of the
    /// configuration. Families and images of the user's own are the user's to source.
    pub fn sourced(&self) -> Vec<Sourced> {
        [
            self.ec2.sourced("latency.ec2"),
            self.boot.sourced("latency.boot"),
            self.extra.sourced("latency.extra"),
            self.image_pull.sourced("latency.image_pull"),
            self.pod.sourced("latency.pod"),
            self.runner.sourced("latency.runner"),
            self.github.sourced("latency.github"),
            self.identity.sourced("latency.identity"),
            self.node.sourced("latency.node"),
        ]
        .concat()
    }
}
