using System.Globalization;
using System.Text;

namespace Fastbridge.Demo;

/// <summary>A little fleet's telemetry: what each device would publish next. The same at every run, so that two runs can be compared.</summary>
internal sealed class Fleet(IReadOnlyList<(string Device, string[] Readings)> devices)
{
    /// <summary>The <paramref name="count"/> first messages, devices in turn.</summary>
    public IEnumerable<(string Topic, byte[] Payload)> Messages(int count)
    {
        var sources = devices.SelectMany(d => d.Readings.Select(r => (d.Device, Reading: r))).ToArray();
        for (int i = 0; i < count; i++)
        {
            (string device, string reading) = sources[i % sources.Length];
            yield return ($"fleet/{device}/{reading}", Encoding.UTF8.GetBytes(Value(reading, i / sources.Length)));
        }
    }

    private static string Value(string reading, int step) => reading switch
    {
        "position" => string.Create(CultureInfo.InvariantCulture, $$"""{"lat":{{52.5200 + (step * 0.0013):F4}},"lon":{{13.4050 + (step * 0.0021):F4}},"km_h":{{60 + (step * 7 % 30)}}}"""),
        "temperature" => string.Create(CultureInfo.InvariantCulture, $$"""{"celsius":{{4.0 + (step * 0.3 % 2):F1}}}"""),
        "fuel" => string.Create(CultureInfo.InvariantCulture, $$"""{"percent":{{Math.Max(0, 87 - step)}}}"""),
        _ => string.Create(CultureInfo.InvariantCulture, $$"""{"{{reading}}":{{100 + (step * 11 % 40)}}}"""),
    };
}
