// The TCP oracle: what ns-3 says that a message takes on one TCP connection, for a table of cells.
//
// Not part of hearsay's build: it needs ns-3 (Debian's libns3-dev, 3.37). It writes the table that the tests read,
// tests/fixtures/ns3_tcp.csv, to the standard output. README.md says what each cell is for and how ns-3 was set.
//
//   sender --10 Gbit/s, 1 us-- gateway --rate, 1 us, queue of 100 packets-- core --10 Gbit/s, the rest-- receiver i
//
// The queue is that of the gateway's device; every other queue is too long to overflow. The way back is the same with
// the queue at the core, where acknowledgements never wait for more than one another.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "ns3/core-module.h"
#include "ns3/error-model.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

namespace {

using ns3::MakeCallback;
using ns3::Ptr;
using ns3::Seconds;
using ns3::Simulator;
using ns3::StringValue;
using ns3::Time;
using ns3::UintegerValue;

constexpr double kOpen = 10.0;  // s: connections are open by then, and nothing of the set-up is under way

// A law with the restart of RFC 5681, 4.1, which ns-3 does not have: after a second of silence (all silences of the
// table are far longer than the retransmission timeout, or far shorter) the window is at most the initial one again;
// the threshold stays.
template <class Law>
class Restarting : public Law {
 public:
  static ns3::TypeId GetTypeId() {
    const std::string name = "ns3::Restarting" + Law::GetTypeId().GetName().substr(5);
    static const ns3::TypeId id = ns3::TypeId(name).template SetParent<Law>().template AddConstructor<Restarting>();
    return id;
  }
  ns3::TypeId GetInstanceTypeId() const override { return GetTypeId(); }
  Ptr<ns3::TcpCongestionOps> Fork() override { return ns3::CopyObject<Restarting>(this); }

  void PktsAcked(Ptr<ns3::TcpSocketState> state, std::uint32_t segments, const Time& round_trip) override {
    last_ = Simulator::Now();
    Law::PktsAcked(state, segments, round_trip);
  }
  void CwndEvent(Ptr<ns3::TcpSocketState> state, ns3::TcpSocketState::TcpCAEvent_t event) override {
    const bool idle = Simulator::Now() - last_ > Seconds(1);
    if (event == ns3::TcpSocketState::CA_EVENT_TX_START && idle)
      state->m_cWnd = std::min(state->m_cWnd.Get(), state->m_initialCWnd * state->m_segmentSize);
  }

 private:
  Time last_;
};

struct Message {
  double start_s = kOpen;
  std::uint32_t bytes = 0;
};

// One connection from the sender to a receiver of its own, and what is written into it.
struct Flow {
  double one_way_ms = 50;
  std::vector<Message> messages;
};

struct Cell {
  std::string name;
  std::string law = "NewReno";
  std::uint32_t acknowledge_every = 1;
  double rate_mbit = 10;
  std::uint32_t buffer_bytes = 6'000'000;
  std::string queue = "drop_tail";  // or fq_codel, or fair: fq_codel whose CoDel never acts
  double loss = 0;                  // chance that a packet to the receiver is lost behind the bottleneck
  std::uint32_t seed = 1;
  bool hystart = true;
  bool restart = false;  // RFC 5681, 4.1
  std::vector<Flow> flows;
};

// What happened in a run, over all its flows.
struct Counters {
  std::uint32_t dropped = 0;
  std::uint32_t lost = 0;
  std::uint32_t timeouts = 0;
};

// Writes the messages of one flow into its socket, each when its time comes and as the send buffer has room; reads
// them at the other end; keeps the instants.
class Transfer {
 public:
  Transfer(const Flow& flow, Ptr<ns3::Socket> sender) : flow_(flow), sender_(std::move(sender)) {
    completed_s_.assign(flow_.messages.size(), -1.0);
    sender_->SetSendCallback(MakeCallback(&Transfer::room, this));
    for (const Message& message : flow_.messages)
      Simulator::Schedule(Seconds(message.start_s), &Transfer::write, this, message.bytes);
  }

  void listen(Ptr<ns3::Node> node, std::uint16_t port) {
    listener_ = ns3::Socket::CreateSocket(node, ns3::TcpSocketFactory::GetTypeId());
    listener_->Bind(ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), port));
    listener_->Listen();
    listener_->SetAcceptCallback(ns3::MakeNullCallback<bool, Ptr<ns3::Socket>, const ns3::Address&>(),
                                 MakeCallback(&Transfer::accept, this));
  }

  void report(const Cell& cell, std::size_t flow, const Counters& counters) const {
    for (std::size_t i = 0; i < flow_.messages.size(); ++i) {
      const Message& message = flow_.messages[i];
      std::printf("%s,%s,%u,%zu,%zu,%u,%g,%g,%u,%s,%g,%u,%.6f,%u,%u,%u\n", cell.name.c_str(), cell.law.c_str(),
                  cell.acknowledge_every, flow, i, message.bytes, cell.rate_mbit, flow_.one_way_ms, cell.buffer_bytes,
                  cell.queue.c_str(), cell.loss, cell.seed, completed_s_[i] - message.start_s, counters.dropped,
                  counters.lost, counters.timeouts);
    }
  }

 private:
  void write(std::uint32_t bytes) {
    unwritten_ += bytes;
    room(sender_, 0);
  }

  void room(Ptr<ns3::Socket> socket, std::uint32_t) {
    while (unwritten_ > 0) {
      const std::uint32_t size = std::min(unwritten_, socket->GetTxAvailable());
      if (size == 0 || socket->Send(ns3::Create<ns3::Packet>(size)) < 0) return;
      unwritten_ -= size;
    }
  }

  void accept(Ptr<ns3::Socket> socket, const ns3::Address&) {
    receiver_ = socket;
    receiver_->SetRecvCallback(MakeCallback(&Transfer::read, this));
  }

  void read(Ptr<ns3::Socket> socket) {
    while (const Ptr<ns3::Packet> packet = socket->Recv()) read_ += packet->GetSize();
    std::uint64_t end = 0;
    for (std::size_t i = 0; i < flow_.messages.size(); ++i) {
      end += flow_.messages[i].bytes;
      if (read_ >= end && completed_s_[i] < 0) completed_s_[i] = Simulator::Now().GetSeconds();
    }
  }

  Flow flow_;
  Ptr<ns3::Socket> sender_;
  Ptr<ns3::Socket> listener_;
  Ptr<ns3::Socket> receiver_;
  std::uint32_t unwritten_ = 0;
  std::uint64_t read_ = 0;
  std::vector<double> completed_s_;
};

void count(std::uint32_t* counter, Ptr<const ns3::Packet>) {
  ++*counter;
}
void count_item(std::uint32_t* counter, Ptr<const ns3::QueueDiscItem>) {
  ++*counter;
}
void count_timeout(std::uint32_t* counter, ns3::TcpSocketState::TcpCongState_t,
                   ns3::TcpSocketState::TcpCongState_t now) {
  if (now == ns3::TcpSocketState::CA_LOSS) ++*counter;
}

const bool tracing = std::getenv("NS3_TCP_TRACE") != nullptr;
void trace_segments(const char* what, std::uint32_t, std::uint32_t now) {
  std::fprintf(stderr, "%.6f %s %.1f\n", Simulator::Now().GetSeconds() - kOpen, what, now / 1448.0);
}
void trace_state(ns3::TcpSocketState::TcpCongState_t, ns3::TcpSocketState::TcpCongState_t now) {
  std::fprintf(stderr, "%.6f state %s\n", Simulator::Now().GetSeconds() - kOpen,
               ns3::TcpSocketState::TcpCongStateName[now]);
}

void set_defaults(const Cell& cell) {
  using ns3::Config::SetDefault;
  SetDefault("ns3::TcpL4Protocol::SocketType",
             StringValue("ns3::" + std::string(cell.restart ? "Restarting" : "") + "Tcp" + cell.law));
  SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
  SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));  // RFC 6928
  SetDefault("ns3::TcpSocket::DelAckCount", UintegerValue(cell.acknowledge_every));
  SetDefault("ns3::TcpSocket::DelAckTimeout", ns3::TimeValue(ns3::MilliSeconds(40)));  // Linux: TCP_DELACK_MIN
  SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(cell.buffer_bytes));
  SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(cell.buffer_bytes));
  SetDefault("ns3::TcpSocketBase::MinRto", ns3::TimeValue(ns3::MilliSeconds(200)));  // Linux: TCP_RTO_MIN
  SetDefault("ns3::TcpSocketBase::ClockGranularity", ns3::TimeValue(ns3::MilliSeconds(1)));
  SetDefault("ns3::TcpSocketBase::Timestamp", ns3::BooleanValue(true));
  SetDefault("ns3::TcpSocketBase::Sack", ns3::BooleanValue(true));
  SetDefault("ns3::TcpCubic::HyStart", ns3::BooleanValue(cell.hystart));
  ns3::RngSeedManager::SetSeed(1);
  ns3::RngSeedManager::SetRun(cell.seed);
}

ns3::NetDeviceContainer join(const Ptr<ns3::Node>& left, const Ptr<ns3::Node>& right, const std::string& rate,
                             const Time& delay, std::uint32_t queue_packets) {
  ns3::PointToPointHelper link;
  link.SetDeviceAttribute("DataRate", StringValue(rate));
  link.SetChannelAttribute("Delay", ns3::TimeValue(delay));
  link.SetQueue("ns3::DropTailQueue<Packet>", "MaxSize", StringValue(std::to_string(queue_packets) + "p"));
  // A queue disc needs the device to say when it is full. Without one, the layer above would drop what the device does
  // not take, out of the sight of the queue's trace, and the address helper would install a queue disc unasked.
  if (queue_packets > 1) link.DisableFlowControl();
  return link.Install(left, right);
}

void run(const Cell& cell) {
  constexpr std::uint32_t kNeverFull = 100'000;
  constexpr std::uint16_t kPort = 8333;
  set_defaults(cell);
  ns3::NodeContainer nodes(3 + static_cast<std::uint32_t>(cell.flows.size()));
  ns3::InternetStackHelper().Install(nodes);
  const auto [sender, gateway, middle] = std::tuple(nodes.Get(0), nodes.Get(1), nodes.Get(2));
  const Time hop = ns3::MicroSeconds(1);
  const bool fair = cell.queue != "drop_tail";
  ns3::Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
  const auto number = [&](const ns3::NetDeviceContainer& link) {
    const ns3::Ipv4InterfaceContainer interfaces = addresses.Assign(link);
    addresses.NewNetwork();
    return interfaces.GetAddress(1);
  };

  number(join(sender, gateway, "10Gbps", hop, kNeverFull));
  const auto rate = std::to_string(static_cast<std::int64_t>(cell.rate_mbit * 1e6)) + "bps";
  const ns3::NetDeviceContainer bottleneck = join(gateway, middle, rate, hop, fair ? 1 : 100);
  number(bottleneck);
  Counters counters;
  if (fair) {
    ns3::TrafficControlHelper fair_queue;
    fair_queue.Uninstall(bottleneck);
    fair_queue.SetRootQueueDisc("ns3::FqCoDelQueueDisc", "Target", StringValue(cell.queue == "fair" ? "1000s" : "5ms"));
    const Ptr<ns3::QueueDisc> installed = fair_queue.Install(bottleneck.Get(0)).Get(0);
    installed->TraceConnectWithoutContext("Drop", ns3::MakeBoundCallback(&count_item, &counters.dropped));
  } else {
    const auto device = ns3::DynamicCast<ns3::PointToPointNetDevice>(bottleneck.Get(0));
    device->GetQueue()->TraceConnectWithoutContext("Drop", ns3::MakeBoundCallback(&count, &counters.dropped));
  }

  std::vector<Transfer*> transfers;
  std::vector<std::pair<Ptr<ns3::Socket>, ns3::Ipv4Address>> dials;
  for (std::size_t i = 0; i < cell.flows.size(); ++i) {
    const Flow& flow = cell.flows[i];
    const Ptr<ns3::Node> receiver = nodes.Get(3 + static_cast<std::uint32_t>(i));
    const Time rest = ns3::MicroSeconds(static_cast<std::uint64_t>(flow.one_way_ms * 1000)) - hop - hop;
    const ns3::NetDeviceContainer link = join(middle, receiver, "10Gbps", rest, kNeverFull);
    const ns3::Ipv4Address address = number(link);
    if (cell.loss > 0) {
      const auto errors = ns3::CreateObject<ns3::RateErrorModel>();
      errors->SetUnit(ns3::RateErrorModel::ERROR_UNIT_PACKET);
      errors->SetRate(cell.loss);
      errors->Disable();  // until the connection is open
      errors->AssignStreams(static_cast<std::int64_t>(i));
      Simulator::Schedule(Seconds(kOpen), &ns3::ErrorModel::Enable, ns3::PeekPointer(errors));
      link.Get(1)->SetAttribute("ReceiveErrorModel", ns3::PointerValue(errors));
      link.Get(1)->TraceConnectWithoutContext("PhyRxDrop", ns3::MakeBoundCallback(&count, &counters.lost));
    }
    const Ptr<ns3::Socket> socket = ns3::Socket::CreateSocket(sender, ns3::TcpSocketFactory::GetTypeId());
    socket->TraceConnectWithoutContext("CongState", ns3::MakeBoundCallback(&count_timeout, &counters.timeouts));
    if (tracing) {
      socket->TraceConnectWithoutContext("CongestionWindow", ns3::MakeBoundCallback(&trace_segments, "window"));
      socket->TraceConnectWithoutContext("SlowStartThreshold", ns3::MakeBoundCallback(&trace_segments, "threshold"));
      socket->TraceConnectWithoutContext("CongState", MakeCallback(&trace_state));
    }
    transfers.push_back(new Transfer(flow, socket));
    transfers.back()->listen(receiver, kPort);
    dials.emplace_back(socket, address);
  }
  ns3::Ipv4GlobalRoutingHelper::PopulateRoutingTables();
  for (const auto& [socket, address] : dials) socket->Connect(ns3::InetSocketAddress(address, kPort));
  Simulator::Stop(ns3::Hours(2));
  Simulator::Run();
  for (std::size_t i = 0; i < transfers.size(); ++i) transfers[i]->report(cell, i, counters);
  for (const Transfer* transfer : transfers) delete transfer;
  Simulator::Destroy();
  std::fflush(stdout);
}

std::string kilobytes(std::uint32_t bytes) {
  return bytes % 1'000'000 == 0 ? std::to_string(bytes / 1'000'000) + "mb" : std::to_string(bytes / 1000) + "kb";
}

// One message on one connection: all sizes over all rates and delays.
template <class Visit>
void for_each_of_grid(const Cell& base, const std::string& name, const std::vector<std::uint32_t>& sizes,
                      const std::vector<int>& rates_mbit, const std::vector<int>& delays_ms, Visit visit) {
  for (const std::uint32_t bytes : sizes)
    for (const int rate : rates_mbit)
      for (const int one_way : delays_ms) {
        Cell cell = base;
        cell.name =
            name + "_" + kilobytes(bytes) + "_" + std::to_string(rate) + "mbit_" + std::to_string(one_way) + "ms";
        cell.rate_mbit = rate;
        cell.flows = {{static_cast<double>(one_way), {{kOpen, bytes}}}};
        visit(cell);
      }
}

// Calls `visit` with every cell of the table, in order.
template <class Visit>
void for_each_cell(Visit visit) {
  constexpr std::uint32_t k4MB = 4'000'000;
  for (const char* law : {"NewReno", "Cubic", "LinuxReno"}) {
    for (const std::uint32_t every : {1u, 2u}) {
      Cell base;
      base.law = law;
      base.acknowledge_every = every;
      for_each_of_grid(base, "single", {100'000u, 1'000'000u, k4MB}, {5, 100}, {10, 150}, visit);
      Cell small = base;
      small.name = "buffers_128k";
      small.rate_mbit = 100;
      small.buffer_bytes = 131'072;
      small.flows = {{50, {{kOpen, k4MB}}}};
      visit(small);
      Cell idle = base;
      idle.name = "idle_no_restart";
      idle.rate_mbit = 100;
      idle.flows = {{100, {{kOpen, 1'500'000}, {kOpen + 600, 1'500'000}}}};
      visit(idle);
      idle.name = "idle_no_restart_after_small";
      idle.flows[0].messages[0].bytes = 100'000;
      visit(idle);
    }
  }
  for (const char* law : {"NewReno", "Cubic"}) {
    Cell base;
    base.law = law;
    for (const char* queue : {"drop_tail", "fq_codel", "fair"}) {
      Cell two = base;
      two.name = "two_flows";
      two.queue = queue;
      two.flows = {{50, {{kOpen, k4MB}}}, {50, {{kOpen, k4MB}}}};
      visit(two);
      Cell eight = base;
      eight.name = "eight_peers";
      eight.queue = queue;
      eight.rate_mbit = 20;
      for (const double one_way : {10.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0, 150.0})
        eight.flows.push_back({one_way, {{kOpen, 1'500'000}}});
      visit(eight);
      Cell small = base;
      small.name = "small_beside_bulk";
      small.queue = queue;
      small.rate_mbit = 5;
      // One message each half second while the bulk flows: how long it waits depends on the instant.
      small.flows = {{50, {{kOpen, k4MB}}}, {50, {}}};
      for (int i = 1; i <= 12; ++i) small.flows[1].messages.push_back({kOpen + 0.5 * i, 100});
      visit(small);
    }
    for (const std::uint32_t first : {1'500'000u, 100'000u}) {
      Cell idle = base;
      idle.name = first == 100'000 ? "idle_restart_after_small" : "idle_restart";
      idle.restart = true;
      idle.rate_mbit = 100;
      idle.flows = {{100, {{kOpen, first}, {kOpen + 600, 1'500'000}}}};
      visit(idle);
    }
    for (const double loss : {0.001, 0.01})
      for (std::uint32_t seed = 1; seed <= 100; ++seed) {
        Cell cell = base;
        cell.name = loss < 0.005 ? "loss_0.1_percent" : "loss_1_percent";
        cell.loss = loss;
        cell.seed = seed;
        cell.flows = {{50, {{kOpen, k4MB}}}};
        visit(cell);
      }
  }
  // What HyStart alone does to Cubic.
  Cell without;
  without.law = "Cubic";
  without.hystart = false;
  for_each_of_grid(without, "no_hystart", {1'000'000u, k4MB}, {5, 100}, {10, 150}, visit);
  // Added after the law was written and compared with the rest.
  for (const char* law : {"NewReno", "Cubic"}) {
    Cell base;
    base.law = law;
    for_each_of_grid(base, "later", {300'000u, 2'000'000u}, {20, 50}, {30, 80}, visit);
  }
}

}  // namespace

// Without arguments all cells; otherwise those whose name contains the first argument (and law, the second).
int main(int count, char** arguments) {
  const std::string part = count > 1 ? arguments[1] : "";
  const std::string law = count > 2 ? arguments[2] : "";
  Restarting<ns3::TcpNewReno>::GetTypeId();  // so that set_defaults may name them
  Restarting<ns3::TcpCubic>::GetTypeId();
  std::printf(
      "cell,law,ack_every,flow,message,size_bytes,rate_mbit,one_way_ms,buffer_bytes,queue,loss,seed,completion_s,"
      "dropped,lost,timeouts\n");
  for_each_cell([&](const Cell& cell) {
    if (cell.name.find(part) != std::string::npos && (law.empty() || cell.law == law)) run(cell);
  });
}
