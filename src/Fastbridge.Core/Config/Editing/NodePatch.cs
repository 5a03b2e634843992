using System.Text;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Editing;

/// <summary>
/// Brings a stored value to a wanted one with as few changes of its text as there are differences, so that comments, order and form of all else stay. One step
/// at a time: values that only change are replaced together; a member that comes or goes is a step of its own, after which the text is read anew.
/// </summary>
internal static class NodePatch
{
    /// <summary>More members than a config of 4,096 characters can hold.</summary>
    private const int MaxSteps = 4_096;

    /// <summary>The next step from <paramref name="stored"/> towards <paramref name="wanted"/>; empty edits where they are the same. False: its form is not edited here.</summary>
    public static bool Step(Node stored, Node wanted, TextEdits edits)
    {
        Replace(stored, wanted, edits);
        return !edits.IsEmpty || Restructure(stored, wanted, edits);
    }

    /// <summary>Two values are alike but for their places and the order of members.</summary>
    /// <param name="masks">A mask in <paramref name="b"/> is like the secret that it stands for.</param>
    public static bool Same(Node a, Node b, bool masks = true)
    {
        if (masks && b is { Kind: NodeKind.Text, Value: Literals.Mask } && Literals.IsMasked(a))
            return true;
        if (a.Kind != b.Kind || a.Value != b.Value || a.Items.Count != b.Items.Count || a.Members.Count != b.Members.Count)
            return false;
        for (int i = 0; i < a.Items.Count; i++)
        {
            if (!Same(a.Items[i], b.Items[i], masks))
                return false;
        }

        foreach (Node member in a.Members)
        {
            if (b.Find(member.Name!) is not { } other || !Same(member, other, masks))
                return false;
        }

        return true;
    }

    /// <summary>A JSON text brought to a wanted value; null where that is not possible.</summary>
    public static string? Text(string stored, Node wanted, LoadEnvironment environment)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(stored);
        for (int step = 0; step < MaxSteps; step++)
        {
            if (JsonNodeReader.Read(new SourceText(utf8), new LoadContext("", environment)) is not { } node)
                return null;
            var edits = new TextEdits();
            if (!Step(Unwrapped(node), wanted, edits))
                return null;
            if (edits.IsEmpty)
                return Encoding.UTF8.GetString(utf8);
            if (edits.Apply(utf8) is not { } next)
                return null;
            utf8 = next;
        }

        return null;
    }

    /// <summary>Newer RobustMQ's <c>{"Kafka": {…}}</c> is what stands inside it.</summary>
    public static Node Unwrapped(Node config) =>
        config is { Kind: NodeKind.Object, Members: [{ Kind: NodeKind.Object } only] } && string.Equals(only.Name, "kafka", StringComparison.OrdinalIgnoreCase) ? only : config;

    /// <summary>Puts one value in place of another, whatever its form.</summary>
    public static bool SetValue(Node stored, string json, TextEdits edits)
    {
        if (IsInBlock(stored))
            return BlockEdits.SetValue(stored, json, edits);
        edits.Replace(stored.Start, stored.End, json);
        return true;
    }

    /// <summary>Adds a member to an object of either style.</summary>
    public static bool AddMember(Node owner, string name, string json, TextEdits edits)
    {
        if (owner.IsBlock)
            return BlockEdits.AddMember(owner, name, json, edits);
        FlowEdits.Add(owner, _ => $"{Literals.Quoted(name)}: {json}", edits);
        return true;
    }

    private static void Replace(Node stored, Node wanted, TextEdits edits)
    {
        if (Same(stored, wanted))
            return;
        if (stored.Kind != NodeKind.Object || wanted.Kind != NodeKind.Object || stored.IsAlias)
        {
            SetValue(stored, Literals.Json(wanted, stored), edits);
            return;
        }

        foreach (Node member in wanted.Members)
        {
            if (stored.Find(member.Name!) is { IsMerged: false } old)
                Replace(old, member, edits);
        }
    }

    private static bool Restructure(Node stored, Node wanted, TextEdits edits)
    {
        if (stored.Kind != NodeKind.Object || wanted.Kind != NodeKind.Object)
            return true;
        foreach (Node member in wanted.Members)
        {
            Node? old = stored.Find(member.Name!);
            if (old is null || (old.IsMerged && !Same(old, member)))
                return AddMember(stored, member.Name!, Literals.Json(member, old), edits);
        }

        foreach (Node member in stored.Members)
        {
            if (wanted.Find(member.Name!) is not null)
                continue;
            if (member.IsMerged)
                return false; // it stands elsewhere, and others may share it
            if (stored.IsBlock)
                return BlockEdits.RemoveMember(stored, member, edits);
            FlowEdits.Remove(stored, member, edits);
            return true;
        }

        foreach (Node member in wanted.Members)
        {
            if (!Restructure(stored.Find(member.Name!)!, member, edits))
                return false;
            if (!edits.IsEmpty)
                return true;
        }

        return true;
    }

    /// <summary>The value is a member or item of a block: its extent is that of lines, and it may have none at all.</summary>
    private static bool IsInBlock(Node node) => node.IsBlock || node.Parent is { IsBlock: true };
}
