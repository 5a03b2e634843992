using Fastbridge.Admin;
using Fastbridge.Core;

namespace Fastbridge.Metrics;

/// <summary><c>GET /metrics</c>.</summary>
internal sealed class MetricsCall(IBridgeControl bridge, AdminCounts counts)
{
    public const string Path = "/metrics";

    public Task<Answer> HandleAsync(RequestValues request, CancellationToken cancellation)
    {
        bool openMetrics = AcceptedFormat.IsOpenMetrics(request.Accept);
        TextFormat text = TextFormat.Write(openMetrics, new Snapshot(bridge.Status, ProcessUse.Now(), counts));
        return Task.FromResult(new Answer(200, text.Text) { ContentType = openMetrics ? TextFormat.OpenMetricsType : TextFormat.PlainType, Held = text });
    }
}
