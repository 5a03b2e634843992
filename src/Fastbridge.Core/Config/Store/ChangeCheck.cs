using System.Collections.Immutable;
using Fastbridge.Core.Config.Editing;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Store;

/// <summary>
/// Looks at a new text before it is written: it has no fault that the old one had not, and all that the change does not name means what it meant before. A file
/// that has faults elsewhere can so still be edited.
/// </summary>
/// <param name="before">The text as it stands in the file.</param>
/// <param name="after">The text to be written.</param>
/// <param name="record">The record's index; that of the new one, or in a delete of the old one.</param>
/// <param name="removed">The change takes the record out.</param>
/// <param name="names">The members that the change names; those of the record that it does not are to stay.</param>
internal sealed class ChangeCheck(StoreDocument before, StoreDocument after, int record, bool removed, ImmutableArray<string> names)
{
    /// <summary>One line each; empty where the new text may be written.</summary>
    public ImmutableArray<string> Faults()
    {
        if (!StaysTheSame())
            return ["the file is of a form that cannot be edited here without changing more than this connector (an anchor that others use, or lines that depend on each other); edit it by hand"];
        var known = new List<string>();
        foreach (Fault fault in before.Validated.Faults)
        {
            (int index, string path) = Place(before, fault.Path);
            if (index == record && IsNamed(path))
                continue; // what the change writes must be right, whatever stood there
            known.Add(Key(index, path, fault));
        }

        var faults = ImmutableArray.CreateBuilder<string>();
        foreach (Fault fault in after.Validated.Faults)
        {
            (int index, string path) = Place(after, fault.Path);
            if (removed && index >= record)
                index++;
            if (!known.Remove(Key(index, path, fault)))
                faults.Add(fault.Describe(index == record ? path : fault.Path));
        }

        return faults.ToImmutable();
    }

    private bool StaysTheSame()
    {
        int expected = removed ? before.Records.Count - 1 : Math.Max(before.Records.Count, record + 1);
        if (after.Records.Count != expected)
            return false;
        for (int i = 0; i < before.Records.Count; i++)
        {
            if (i == record)
            {
                if (!removed && !SameMembers(before.Records[i], after.Records[i]))
                    return false;
            }
            else if (!NodePatch.Same(before.Records[i], after.Records[removed && i > record ? i - 1 : i], masks: false))
            {
                return false;
            }
        }

        return before.Root.Kind != NodeKind.Object || before.IsOneRecord || SameOutside();
    }

    private bool SameMembers(Node old, Node changed)
    {
        foreach (Node member in old.Members)
        {
            if (!IsNamed(member.Name!) && (changed.Find(member.Name!) is not { } other || !NodePatch.Same(member, other, masks: false)))
                return false;
        }

        return true;
    }

    private bool SameOutside()
    {
        foreach (Node member in before.Root.Members)
        {
            if (member.Name != "connectors" && (after.Root.Find(member.Name!) is not { } other || !NodePatch.Same(member, other, masks: false)))
                return false;
        }

        return true;
    }

    private bool IsNamed(string path)
    {
        int end = path.AsSpan().IndexOfAny('.', '[');
        string name = end < 0 ? path : path[..end];
        return names.Contains(KnownKeys.Find(KeySection.Connector, name)?.Name ?? name);
    }

    /// <summary>A fault's record and the path inside it; -1 and the whole path for one outside the records.</summary>
    private static (int Record, string Path) Place(StoreDocument document, string path)
    {
        if (document.IsOneRecord)
            return (0, path);
        string prefix = document.Root.Kind == NodeKind.List ? "[" : "connectors[";
        int close = path.IndexOf(']', StringComparison.Ordinal);
        if (!path.StartsWith(prefix, StringComparison.Ordinal) || close < 0 || !int.TryParse(path.AsSpan(prefix.Length, close - prefix.Length), out int index))
            return (-1, path);
        return (index, path[(close + 1)..].TrimStart('.'));
    }

    private static string Key(int record, string path, Fault fault) => $"{record}\n{path}\n{fault.Value}\n{Digitless(fault.Text)}";

    /// <summary>A text that names another record's index or a line says the same when these have moved.</summary>
    private static string Digitless(string text) => string.Concat(text.Where(c => !char.IsAsciiDigit(c)));
}
