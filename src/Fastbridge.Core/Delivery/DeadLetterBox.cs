namespace Fastbridge.Core.Delivery;

/// <summary>A connector's dead-letter file from outside: read, and emptied of what was replayed. A running bridge may write to it meanwhile.</summary>
public sealed class DeadLetterBox(string path)
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    public string Path => path;

    /// <summary>The file of a connector in a state folder.</summary>
    public static DeadLetterBox Of(string stateDir, string connector) => new(ConnectorRunner.DeadLetterPath(stateDir, connector));

    /// <summary>All letters, oldest first; none where there is no file.</summary>
    /// <param name="damaged">Lines that are no letter. Half a line at the end is not counted: it is a letter being written, or one that a crash cut off.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor may it.</exception>
    public List<DeadLetter> Read(out int damaged)
    {
        damaged = 0;
        List<DeadLetter> letters = [];
        if (!File.Exists(path))
            return letters;
        int number = 0;
        ReadOnlySpan<byte> rest = ReadAll();
        while (TakeLine(ref rest, out ReadOnlySpan<byte> line))
        {
            number++;
            if (DeadLetter.Parse(line, $"file:{number}") is { } letter)
                letters.Add(letter);
            else if (!line.Trim((byte)' ').IsEmpty)
                damaged++;
        }

        return letters;
    }

    /// <summary>
    /// Takes letters out, by their lines. What was added meanwhile stays, and so do damaged lines. A crash at any instant leaves the old file or the new one.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written, or another process holds it for longer than ten seconds.</exception>
    public void Remove(IReadOnlyCollection<DeadLetter> letters)
    {
        if (letters.Count == 0)
            return;
        // By number and text: somebody may have moved the file away meanwhile, and in the new one the same lines are other letters.
        var gone = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (DeadLetter letter in letters)
            gone[letter.Id] = letter.Json;
        using FileStream held = Lock();
        if (!File.Exists(path))
            return; // Moved away whole.
        string temporary = path + ".new";
        bool empty = true;
        using (var file = new FileStream(temporary, DeadLetterFile.Options(FileMode.Create, FileShare.None)))
        {
            int number = 0;
            ReadOnlySpan<byte> rest = ReadAll();
            while (TakeLine(ref rest, out ReadOnlySpan<byte> line))
            {
                number++;
                if (gone.TryGetValue($"file:{number}", out byte[]? json) && line.SequenceEqual(json))
                    continue;
                file.Write(line);
                file.WriteByte((byte)'\n');
                empty = false;
            }

            file.Flush(flushToDisk: true);
        }

        if (empty)
        {
            File.Delete(path);
            File.Delete(temporary);
        }
        else
        {
            File.Move(temporary, path, overwrite: true);
        }

        Folder.Flush(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
    }

    /// <summary>Lines keep their numbers only while nobody else takes some out: a replay holds this from its reading to its end.</summary>
    /// <exception cref="IOException">Another command works on the file.</exception>
    public IDisposable HoldForReplay()
    {
        try
        {
            return LockFile.Open(path + ".replay");
        }
        catch (IOException e) when (LockFile.IsTaken(e))
        {
            throw new IOException($"{path}: another command replays this file ({e.Message.TrimEnd('.')}); wait for its end", e);
        }
    }

    private FileStream Lock()
    {
        DateTime end = DateTime.UtcNow + LockPatience;
        while (true)
        {
            try
            {
                return DeadLetterFile.Lock(path);
            }
            catch (IOException e) when (LockFile.IsTaken(e) && DateTime.UtcNow < end)
            {
                Thread.Sleep(LockPause); // The bridge writes a letter: milliseconds.
            }
        }
    }

    private byte[] ReadAll()
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        int read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>The next whole line without its end.</summary>
    private static bool TakeLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        int end = rest.IndexOf((byte)'\n');
        line = end < 0 ? default : rest[..end];
        rest = rest[(end + 1)..];
        return end >= 0;
    }
}
