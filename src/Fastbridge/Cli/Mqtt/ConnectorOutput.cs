using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fastbridge.Core.Config.Store;

namespace Fastbridge.Cli.Mqtt;

/// <summary>Connectors as robust-ctl prints them: its table, and the JSON of RobustMQ's admin API.</summary>
internal static class ConnectorOutput
{
    private const int ConfigColumn = 2;

    private static readonly string[] Columns = ["connector name", "connector type", "connector config", "topic id", "status", "broker id", "create time", "update time"];

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="width">Columns of the terminal, into which the config is cut; 0: nothing is cut.</param>
    public static string ListTable(List<StoredConnector> connectors, int width)
    {
        List<string[]> rows = [];
        foreach (StoredConnector c in connectors)
            rows.Add([c.Name, c.Type, c.Config, Topics(c), c.Status, BrokerId(c), Time(c.CreateTime), Time(c.UpdateTime)]);
        return "connector list result:\n" + TextTable.Render(Columns, rows, width, ConfigColumn);
    }

    /// <param name="total">Of all pages.</param>
    public static string ListJson(List<StoredConnector> connectors, int total) => Json(writer =>
    {
        writer.WriteStartArray("data");
        foreach (StoredConnector connector in connectors)
        {
            writer.WriteStartObject();
            Write(writer, connector);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("total_count", total);
    });

    public static string OneJson(StoredConnector connector, string revision) => Json(writer =>
    {
        Write(writer, connector);
        writer.WriteString("why", connector.Why);
        writer.WritePropertyName("failure_strategy");
        writer.WriteRawValue(connector.FailureStrategy ?? "null");
        writer.WriteString("revision", revision);
    });

    public static string OneText(StoredConnector c)
    {
        List<(string Name, string Value)> lines =
        [
            ("connector name", c.Name),
            ("cluster name", c.ClusterName),
            ("connector type", c.Type),
            ("connector config", c.Config),
            ("topic id", Topics(c)),
            ("failure strategy", c.FailureStrategy ?? "-"),
            ("status", c.Why.Length == 0 ? c.Status : $"{c.Status}: {c.Why}"),
            ("broker id", BrokerId(c)),
            ("create time", Time(c.CreateTime)),
            ("update time", Time(c.UpdateTime)),
        ];
        var text = new StringBuilder();
        foreach ((string name, string value) in lines)
            text.Append(text.Length == 0 ? "" : "\n").Append(name.PadRight(16)).Append("  ").Append(TextTable.OneLine(value));
        return text.ToString();
    }

    public static string DoneJson(string result, string revision) => Json(writer =>
    {
        writer.WriteString("result", result);
        writer.WriteString("revision", revision);
    });

    /// <param name="unheard">The broker said of the last message that nobody is subscribed.</param>
    public static string PublishedJson(string result, long published, long refused, bool unheard) => Json(writer =>
    {
        writer.WriteString("result", result);
        writer.WriteNumber("published", published);
        writer.WriteNumber("refused", refused);
        writer.WriteBoolean("no_subscribers", unheard);
    });

    private static void Write(Utf8JsonWriter writer, StoredConnector connector)
    {
        writer.WriteString("tenant", connector.ClusterName);
        writer.WriteString("connector_name", connector.Name);
        writer.WriteString("connector_type", connector.Type);
        writer.WriteString("config", connector.Config);
        if (connector.TopicIds.Length == 1)
        {
            writer.WriteString("topic_name", connector.TopicIds[0]);
        }
        else
        {
            // RobustMQ has one topic a connector; a list says truly that there are more.
            writer.WriteStartArray("topic_name");
            foreach (string topic in connector.TopicIds)
                writer.WriteStringValue(topic);
            writer.WriteEndArray();
        }

        writer.WriteString("status", connector.Status);
        writer.WriteString("broker_id", BrokerId(connector));
        writer.WriteString("create_time", Time(connector.CreateTime));
        writer.WriteString("update_time", Time(connector.UpdateTime));
    }

    private static string Json(Action<Utf8JsonWriter> members)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Readable))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static string Topics(StoredConnector connector) => string.Join(", ", connector.TopicIds);

    private static string BrokerId(StoredConnector connector) => connector.BrokerId?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "-";
}
