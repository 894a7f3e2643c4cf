package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	tlsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/util"
	"istio.io/istio/pilot/pkg/serviceregistry/provider"
	"istio.io/istio/pilot/pkg/simulation"
	"istio.io/istio/pilot/pkg/xds/endpoints"
	"istio.io/istio/pkg/config/host"
	"istio.io/istio/pkg/config/protocol"
)

// target is where a dial leads, whoever dials.
type target struct {
	host     string
	service  *model.Service
	port     *model.Port
	address  string
	dialled  int
	arrives  int
	server   *workload
	protocol protocol.Instance
	// datagrams are not for proxies; a TCP port that is merely named `udp` holds none.
	datagrams bool
}

// sent is what leaves a client.
type sent struct {
	mode string
	// sans are the identities that the client accepts of a server; none means any.
	sans []string
	// sni is the name that a client asks for where it sends TLS.
	sni  string
	note string
}

func (w *world) clientMode(client *workload, to target, subset string) sent {
	switch client.plane {
	case planeNone:
		return sent{mode: "NONE"}
	case planeAmbient:
		if !to.datagrams {
			return w.tunnelled(to)
		}
	}
	if to.datagrams {
		return sent{mode: "BYPASS", note: "datagrams"}
	}
	if client.plane == planeSidecar && !client.machine {
		if !client.outboundCaptured(to.address, to.dialled) {
			return sent{mode: "BYPASS", note: "outbound capture"}
		}
	}
	name, note := w.clusterFor(client, to)
	switch name {
	case "PassthroughCluster":
		return sent{mode: "PASSTHROUGH", note: note}
	case "BlackHoleCluster":
		return sent{mode: "BLACKHOLE", note: note}
	case "":
		return sent{note: note}
	}
	direction, _, found, number := model.ParseSubsetKey(name)
	if subset == "" {
		_, subset, _, _ = model.ParseSubsetKey(name)
	}
	return w.byCluster(client, to, model.BuildSubsetKey(direction, subset, found, number))
}

// clusterFor asks Istio's simulation which cluster takes the dial.
func (w *world) clusterFor(client *workload, to target) (string, string) {
	known := w.simulated(client)
	if client.plane == planeGateway {
		if to.service == nil {
			return "", "a gateway is told by its routes where to send"
		}
		return model.BuildSubsetKey(model.TrafficDirectionOutbound, "", to.service.Hostname, to.port.Port), ""
	}
	name, note := matched(known, to, to.protocol)
	if to.protocol.IsUnsupported() {
		if asRequest, _ := matched(known, to, protocol.HTTP); asRequest != name && strings.HasPrefix(asRequest, "outbound|") {
			return "", "a request is routed elsewhere than other bytes"
		}
	}
	return name, note
}

// matched is the cluster that takes a dial in a protocol. What a port tells from its first bytes is dialled as bytes that are no HTTP.
func matched(known *simulation.Simulation, to target, spoken protocol.Instance) (string, string) {
	call := simulation.Call{Address: to.address, Port: to.dialled, CallMode: simulation.CallModeOutbound, Protocol: simulation.TCP}
	switch {
	case spoken.IsHTTP():
		call.Protocol, call.HostHeader = simulation.HTTP, to.host
		if to.host == "" {
			call.HostHeader = to.address
		}
	case spoken.IsTLS():
		call.TLS, call.Sni = simulation.TLS, to.host
	}
	result := known.Run(call)
	switch {
	case result.Error != nil:
		return "", result.Error.Error()
	case result.ClusterMatched != "":
		return result.ClusterMatched, ""
	case result.VirtualHostMatched == "block_all":
		return "BlackHoleCluster", ""
	}
	return "", "route " + result.RouteMatched + " of " + result.VirtualHostMatched
}

// byCluster reads off a cluster what it sends to one endpoint.
func (w *world) byCluster(client *workload, to target, name string) sent {
	clusters := w.simulated(client).Clusters
	at := slices.IndexFunc(clusters, func(c *clusterv3.Cluster) bool { return c.Name == name })
	if at < 0 {
		return sent{note: "no cluster " + name}
	}
	cluster := clusters[at]
	metadata, note := map[string]*structpb.Value{}, ""
	if cluster.GetType() != clusterv3.Cluster_ORIGINAL_DST {
		metadata, note = w.endpointMetadata(client, to, cluster)
	}
	socket := cluster.TransportSocket
	for _, match := range cluster.TransportSocketMatches {
		if holds(match.GetMatch().GetFields(), metadata) {
			socket = match.TransportSocket
			if match.Name == "hbone" {
				return sent{mode: "HBONE", note: note}
			}
			break
		}
	}
	tls := w.tlsOf(client, name)
	result := sent{mode: modeOf(tls, socket), note: note}
	if socket.GetName() == "envoy.transport_sockets.tls" {
		result.sni = asked(socket, to)
		if !strings.HasSuffix(result.mode, "SIMPLE") {
			result.sans = accepted(socket)
		}
	}
	return result
}

func holds(wanted, metadata map[string]*structpb.Value) bool {
	for key, value := range wanted {
		if !proto.Equal(metadata[key], value) {
			return false
		}
	}
	return true
}

// modeOf names what a socket does by the TLS settings that it was built of.
func modeOf(tls *networking.ClientTLSSettings, socket *corev3.TransportSocket) string {
	encrypts := socket.GetName() == "envoy.transport_sockets.tls"
	switch {
	case tls == nil && encrypts:
		return "AUTO_MTLS"
	case tls == nil:
		return "AUTO_PLAINTEXT"
	case tls.Mode == networking.ClientTLSSettings_DISABLE:
		return "DR_DISABLE"
	case !encrypts:
		return "DR_DROPPED"
	}
	return "DR_" + tls.Mode.String()
}

// asked is the name of a TLS handshake: what the cluster says, else that of the request.
func asked(socket *corev3.TransportSocket, to target) string {
	var context tlsv3.UpstreamTlsContext
	must(socket.GetTypedConfig().UnmarshalTo(&context))
	if context.Sni == "" && to.protocol.IsHTTP() {
		return to.host
	}
	return context.Sni
}

func accepted(socket *corev3.TransportSocket) []string {
	var context tlsv3.UpstreamTlsContext
	must(socket.GetTypedConfig().UnmarshalTo(&context))
	var names []string
	for _, matcher := range context.GetCommonTlsContext().GetCombinedValidationContext().GetDefaultValidationContext().GetMatchSubjectAltNames() { //nolint:staticcheck // it is what istiod writes
		names = append(names, matcher.GetExact())
	}
	return names
}

// tlsOf is the TLS of the DestinationRule that istiod chose for a cluster, as it merges port and subset.
func (w *world) tlsOf(client *workload, cluster string) *networking.ClientTLSSettings {
	_, subset, name, number := model.ParseSubsetKey(cluster)
	proxy := w.proxy(client)
	rule := proxy.SidecarScope.DestinationRule(model.TrafficDirectionOutbound, proxy, name).GetRule()
	if rule == nil {
		return nil
	}
	spec := rule.Spec.(*networking.DestinationRule)
	port := &model.Port{Port: number}
	policy, _ := util.GetPortLevelTrafficPolicy(spec.TrafficPolicy, port)
	for _, candidate := range spec.Subsets {
		if candidate.Name == subset && subset != "" {
			policy = util.MergeSubsetTrafficPolicy(policy, candidate.TrafficPolicy, port)
			break
		}
	}
	return policy.GetTls()
}

// endpointMetadata is what istiod says of the server among the endpoints of a cluster, for choosing a socket.
func (w *world) endpointMetadata(client *workload, to target, cluster *clusterv3.Cluster) (map[string]*structpb.Value, string) {
	assignment := cluster.LoadAssignment
	if cluster.GetType() == clusterv3.Cluster_EDS {
		builder := endpoints.NewEndpointBuilder(cluster.Name, w.proxy(client), w.istiod.PushContext())
		assignment = builder.BuildClusterLoadAssignment(w.istiod.Discovery.Env.EndpointIndex)
	}
	for _, group := range assignment.GetEndpoints() {
		for _, endpoint := range group.LbEndpoints {
			address, port := addressOf(endpoint)
			if address == to.server.ip && port == to.arrives {
				return maps.Clone(endpoint.GetMetadata().GetFilterMetadata()[util.EnvoyTransportSocketMetadataKey].GetFields()), ""
			}
		}
	}
	return nil, "no such endpoint"
}

// addressOf is where an endpoint leads, through an internal listener or not.
func addressOf(endpoint *endpointv3.LbEndpoint) (string, int) {
	address := endpoint.GetEndpoint().GetAddress()
	if internal := address.GetEnvoyInternalAddress(); internal != nil {
		at := strings.LastIndex(internal.EndpointId, ":")
		if at < 0 {
			return internal.EndpointId, 0
		}
		port, _ := strconv.Atoi(internal.EndpointId[at+1:])
		return strings.Trim(internal.EndpointId[:at], "[]"), port
	}
	return address.GetSocketAddress().GetAddress(), int(address.GetSocketAddress().GetPortValue())
}

// find looks a service up by its name, behind any aliases.
func (w *world) find(name string, number int) (*model.Service, *model.Port) {
	// the cluster's DNS answers for Services
	services := slices.SortedStableFunc(slices.Values(w.istiod.Env().Services()), func(a, b *model.Service) int { return foreign(a) - foreign(b) })
	for hop := 0; hop < 8; hop++ {
		var alias string
		var other *model.Service
		for _, service := range services {
			if service.Hostname != host.Name(name) {
				continue
			}
			if service.Resolution == model.Alias {
				alias = service.Attributes.K8sAttributes.ExternalName
				continue
			}
			if port, ok := service.Ports.GetByPort(number); ok {
				return service, port
			}
			other = service
		}
		if alias == "" {
			return other, nil
		}
		name = alias
	}
	return nil, nil
}

func foreign(service *model.Service) int {
	if service.Attributes.ServiceRegistry == provider.Kubernetes {
		return 0
	}
	return 1
}
