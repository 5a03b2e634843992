using System.Collections.Immutable;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Core.Live;

/// <summary>A connector that was deleted by command or API: its MQTT session is to be ended.</summary>
public sealed record DeletedMark(string ClusterName, string Name);

/// <summary>
/// The marks of deleted connectors, one JSON object a line in <c>deleted.jsonl</c> of state_dir. Who deletes writes one after the connectors file was changed; the
/// bridge, now or at its next start, ends the session and takes the mark away. Any thread, any process.
/// </summary>
public static class DeletedConnectors
{
    private static readonly string[] Names = ["cluster_name", "connector_name"];

    /// <summary>5 s for others who write a mark: each takes milliseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Marks a connector, on disk when this returns. To be called after it was taken out of the connectors file, never before.</summary>
    /// <returns>Null, or why it cannot be marked (its session is then left to its expiry): one line with the remedy.</returns>
    public static string? Mark(string stateDir, string clusterName, string name)
    {
        try
        {
            Directory.CreateDirectory(stateDir);
            using FileStream held = Hold(stateDir);
            Write(stateDir, [.. ReadAll(stateDir), new DeletedMark(clusterName, name)]);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"state_dir {stateDir}: the deletion cannot be marked there ({e.Message.TrimEnd('.')}), so its MQTT session is left to its expiry; mend the folder's rights";
        }
    }

    /// <summary>All marks; none where there is no folder, or where it cannot be read. Lines that are no marks are passed over.</summary>
    public static ImmutableArray<DeletedMark> Read(string stateDir)
    {
        try
        {
            return ReadAll(stateDir);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Takes marks away. What cannot be written stays, and is done again at the next start, which harms nobody.</summary>
    internal static void Remove(string stateDir, DeletedMark done)
    {
        try
        {
            using FileStream held = Hold(stateDir);
            Write(stateDir, ReadAll(stateDir).RemoveAll(m => m == done));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As said.
        }
    }

    private static string FileIn(string stateDir) => Path.Combine(stateDir, "deleted.jsonl");

    private static FileStream Hold(string stateDir)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return LockFile.Open(Path.Combine(stateDir, "deleted.lock"));
            }
            catch (IOException e) when (LockFile.IsTaken(e) && TimeProvider.System.GetElapsedTime(start) < Patience)
            {
                Thread.Sleep(10);
            }
        }
    }

    private static ImmutableArray<DeletedMark> ReadAll(string stateDir) =>
        [.. StringLines.Read(FileIn(stateDir), Names).ConvertAll(row => new DeletedMark(row[0], row[1]))];

    private static void Write(string stateDir, ImmutableArray<DeletedMark> marks)
    {
        string path = FileIn(stateDir);
        if (marks.IsEmpty)
        {
            File.Delete(path);
            Folder.Flush(stateDir);
            return;
        }

        StringLines.Write(path, Names, [.. marks.Select(mark => new[] { mark.ClusterName, mark.Name })]);
    }
}
