using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Validation;

/// <summary>The file's outermost value, in its three shapes: an object with <c>connectors</c>, a list of connector records, one connector record.</summary>
internal static class FileReader
{
    public const string DefaultStateDir = "fastbridge-state";

    /// <summary>Keys that only a connector record has.</summary>
    private static readonly string[] OfRecords = ["connector_name", "connector_type", "config", "topic_id", "topic_name"];

    public static BridgeConfig? Read(Node root, LoadContext context)
    {
        if (root.Kind == NodeKind.List)
            return Bridge(null, root, root.Items, context);
        if (root.Kind != NodeKind.Object)
        {
            context.WrongType(root, "an object with \"connectors\", a list of connectors or one connector");
            return null;
        }

        return IsOneRecord(root) ? Bridge(null, root, [root], context) : File(root, context);
    }

    /// <summary>The outermost object is a connector record itself, as the reference page has it.</summary>
    public static bool IsOneRecord(Node root) => root.Kind == NodeKind.Object && root.Find("connectors") is null && OfRecords.Any(k => root.Find(k) is not null);

    private static BridgeConfig? File(Node root, LoadContext context)
    {
        KeyCheck.Known(root, KeySection.File, context);
        var reader = new ObjectReader(root, KeySection.File, context);
        Node? connectors = reader.Require("connectors");
        if (connectors is not null and not { Kind: NodeKind.List })
        {
            context.WrongType(connectors, reader.Key("connectors").Expects, connectors.Kind == NodeKind.Object ? "write [ ] around it" : null);
            connectors = null;
        }

        return Bridge(reader, connectors ?? root, connectors?.Items ?? [], context);
    }

    private static BridgeConfig Bridge(ObjectReader? file, Node list, List<Node> records, LoadContext context)
    {
        Node? mqtt = file?.Object("mqtt");
        MqttSettings? own = null;
        if (mqtt is not null)
        {
            MqttReader.CheckKeys(mqtt, context);
            own = MqttReader.Read(mqtt, complete: false, context); // what all connectors override is checked too
        }

        if (records.Count == 0)
            context.Warn(list, "there is no connector in the file, so nothing is bridged");
        List<ReadConnector> read = [.. records.Select(r => ConnectorReader.Read(r, mqtt, context)).OfType<ReadConnector>()];
        Uniqueness.Check(read, context);
        BufferReader.CheckFolders(read, context);
        Resolved? stateDir = file?.Text("state_dir");
        return new BridgeConfig
        {
            Connectors = [.. read.Select(r => r.Config)],
            StateDir = context.PathBeside(stateDir?.Value ?? DefaultStateDir),
            Mqtt = own?.Options,
            StatusTopic = file is null ? null : StatusTopicReader.Read(file, own, read, context),
        };
    }
}
