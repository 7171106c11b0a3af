# A Slurm cluster of virtual nodes on this machine, in one folder; to be sourced. Needs root and the programs of
# Debian's slurm-wlm and munge (not their services, which it neither uses nor touches).
#   start_cluster FOLDER NODES     munged, slurmctld and NODES × slurmd with one processor each; exports SLURM_CONF
#   kill_node NODE                 kill -9: its slurmd, and all that it started
#   stop_cluster                   ends everything that was started
declare -A node_pid=()
cluster_pids=()
cluster_folder=

cluster_lacks() {
  [[ $(id -u) == 0 ]] || { echo "root"; return; }
  local program
  for program in munged slurmctld slurmd sbatch squeue scontrol; do
    PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || echo "$program"
  done
}

start_cluster() {
  local folder=$1 nodes=$2 base i
  PATH=$PATH:/usr/sbin
  cluster_folder=$folder
  base=$((20000 + RANDOM % 20000))
  mkdir -p "$folder"/{state,spool,log}
  chmod 755 "$folder"
  (umask 077 && head -c 1024 /dev/urandom >"$folder/munge.key")
  munged --foreground --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
    --pid-file="$folder/munged.pid" --log-file="$folder/log/munged.log" --seed-file="$folder/munge.seed" \
    >"$folder/log/munged.out" 2>&1 &
  cluster_pids+=($!)
  cat >"$folder/slurm.conf" <<CONF
ClusterName=rationale-test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$base
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/spool/%n.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/%n.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=1
MailProg=/bin/true
# A dead node is noticed within seconds, not minutes; a requeued task waits for cred_expire.
SlurmdTimeout=8
KillWait=5
MinJobAge=3600
SchedulerParameters=sched_interval=2,batch_sched_delay=1
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
  for ((i = 1; i <= nodes; ++i)); do
    echo "NodeName=n$i NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((base + i)) CPUs=1 State=UNKNOWN"
  done >>"$folder/slurm.conf"
  # Slurm 23.02 and later look for control groups unless told not to.
  [[ $(slurmd -V | grep -oE '[0-9]+' | head -n 1) -lt 23 ]] || echo "CgroupPlugin=disabled" >"$folder/cgroup.conf"
  export SLURM_CONF=$folder/slurm.conf
  wait_until 10 "munged answers" test -S "$folder/munge.socket"
  slurmctld -D -i >"$folder/log/slurmctld.out" 2>&1 &
  cluster_pids+=($!)
  for ((i = 1; i <= nodes; ++i)); do
    slurmd -D -N "n$i" >"$folder/log/n$i.out" 2>&1 &
    node_pid[n$i]=$!
  done
  wait_until 60 "$nodes nodes are idle" nodes_are_idle "$nodes"
}

nodes_are_idle() { [[ $(sinfo -h -N -o '%t' 2>/dev/null | grep -c '^idle$') == "$1" ]]; }

# wait_until SECONDS WHAT COMMAND…
wait_until() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    ((SECONDS < deadline)) || { echo "this did not happen: $what" >&2; return 1; }
    sleep 0.2
  done
}

# The processes of a node's jobs: a batch script is run from the node's spool folder, which is nobody else's, by a
# slurmstepd that has left slurmd's family.
job_processes() {
  local script
  for script in $(pgrep -f "$cluster_folder/spool/$1/job"); do
    below "$script"
    echo "$script"
    ps -o ppid= -p "$script" | grep -vx ' *1' || true
  done
}

# All processes below PID, deepest first.
below() {
  local child
  for child in $(pgrep -P "$1"); do
    below "$child"
    echo "$child"
  done
}

kill_node() {
  local job
  job=$(job_processes "$1")
  disown "${node_pid[$1]}"  # else the shell reports its end
  kill -9 "${node_pid[$1]}" $job 2>/dev/null || true
  unset "node_pid[$1]"
}

stop_cluster() {
  local node pid
  for node in "${!node_pid[@]}"; do
    disown "${node_pid[$node]}"
    kill -9 "${node_pid[$node]}" $(job_processes "$node") 2>/dev/null || true
  done
  kill "${cluster_pids[@]}" 2>/dev/null || true
  for pid in "${cluster_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
}
