// Solves the problems that `naober bench batch --solution FILE` writes with LEMON's network simplex, and
// prints the cost and the milliseconds of the solver alone and with the building of its graph.
//
//	network FILE

#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point began) {
	return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

struct Arc {
	int task, worker;
	std::int64_t cost;
};

struct Problem {
	std::vector<std::int64_t> undone;
	std::vector<Arc> arcs;
	std::vector<std::vector<std::int64_t>> load;  // by worker: what each further task costs more
};

bool number(std::FILE *in, std::int64_t &into) {
	long long n = 0;
	const bool ok = std::fscanf(in, "%lld", &n) == 1;
	into = n;
	return ok;
}

bool read(std::FILE *in, Problem &p) {
	std::int64_t tasks = 0, workers = 0, count = 0;
	if (!number(in, tasks) || !number(in, workers) || tasks < 1 || workers < 0) return false;
	p.undone.resize(tasks);
	p.load.resize(workers);
	for (int i = 0; i < tasks; i++) {
		if (!number(in, p.undone[i]) || !number(in, count)) return false;
		for (; count > 0; count--) {
			std::int64_t worker = 0, cost = 0;
			if (!number(in, worker) || !number(in, cost) || worker < 0 || worker >= workers) return false;
			p.arcs.push_back({i, static_cast<int>(worker), cost});
		}
	}
	for (auto &load : p.load) {
		if (!number(in, count)) return false;
		load.resize(count);
		for (auto &cost : load) {
			if (!number(in, cost)) return false;
		}
	}
	return true;
}

}  // namespace

int main(int argc, char **argv) {
	std::FILE *in = argc == 2 ? std::fopen(argv[1], "r") : nullptr;
	Problem p;
	if (in == nullptr || !read(in, p)) {
		std::fprintf(stderr, "network: no problem to read\n");
		return 1;
	}
	std::fclose(in);

	using Graph = lemon::SmartDigraph;
	const auto began = Clock::now();
	Graph g;
	const int tasks = static_cast<int>(p.undone.size()), workers = static_cast<int>(p.load.size());
	g.reserveNode(tasks + workers + 1);
	g.reserveArc(static_cast<int>(p.arcs.size()) + tasks + 3 * workers);
	for (int i = 0; i < tasks + workers + 1; i++) g.addNode();
	const auto sink = g.nodeFromId(tasks + workers);
	std::vector<std::pair<std::int64_t, std::int64_t>> priced;  // by arc: room and cost
	auto add = [&](Graph::Node from, Graph::Node to, std::int64_t cost) {
		g.addArc(from, to);
		priced.push_back({1, cost});
	};
	for (const Arc &a : p.arcs) add(g.nodeFromId(a.task), g.nodeFromId(tasks + a.worker), a.cost);
	for (int i = 0; i < tasks; i++) add(g.nodeFromId(i), sink, p.undone[i]);
	for (int w = 0; w < workers; w++) {
		for (const auto cost : p.load[w]) add(g.nodeFromId(tasks + w), sink, cost);
	}
	Graph::ArcMap<std::int64_t> room(g), cost(g);
	for (Graph::ArcIt a(g); a != lemon::INVALID; ++a) {
		room[a] = priced[g.id(a)].first;
		cost[a] = priced[g.id(a)].second;
	}
	Graph::NodeMap<std::int64_t> supply(g, 0);
	for (int i = 0; i < tasks; i++) supply[g.nodeFromId(i)] = 1;
	supply[sink] = -tasks;

	const auto solving = Clock::now();
	lemon::NetworkSimplex<Graph, std::int64_t, std::int64_t> solver(g);
	const auto end = solver.upperMap(room).costMap(cost).supplyMap(supply).run();
	if (end != solver.OPTIMAL) {
		std::fprintf(stderr, "network: no optimum\n");
		return 1;
	}
	std::printf("{\"cost\": %lld, \"ms\": %.3f, \"with_graph_ms\": %.3f}\n", static_cast<long long>(solver.totalCost<std::int64_t>()), since(solving), since(began));
}
